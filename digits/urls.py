from django.urls import path

from digits import drawing_views, views

app_name = "digits"

urlpatterns = [
    path("", views.landing, name="landing"),
    path("draw/", views.draw, name="draw"),
    path("draw/pin/", views.pin, name="pin"),
    path("draw/unpin/", views.unpin, name="unpin"),
    path("draw/picture/", views.picture, name="picture"),
    path("digits/", views.browser, name="browser"),
    path("digits/<str:split>/<int:index>/", views.digit, name="digit"),
    path("dataset/fetch/", views.fetch, name="fetch"),
    path("datasets/", views.own, name="own"),
    path("datasets/<int:dataset_id>/delete/", views.own_delete, name="own_delete"),
    path("drawings/keep/", drawing_views.keep, name="drawing_keep"),
    path("drawings/change/", drawing_views.change, name="drawings_change"),
    path("drawings/clear/", drawing_views.clear, name="drawings_clear"),
    path("drawings/export/", drawing_views.export, name="drawings_export"),
    path("drawings/<int:drawing_id>/undo/", drawing_views.undo, name="drawing_undo"),
]
