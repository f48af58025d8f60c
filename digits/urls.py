from django.urls import path

from digits import views

app_name = "digits"

urlpatterns = [
    path("", views.landing, name="landing"),
    path("draw/", views.draw, name="draw"),
    path("digits/", views.browser, name="browser"),
    path("digits/<str:split>/<int:index>/", views.digit, name="digit"),
    path("dataset/fetch/", views.fetch, name="fetch"),
    path("datasets/", views.own, name="own"),
    path("datasets/<int:dataset_id>/delete/", views.own_delete, name="own_delete"),
]
