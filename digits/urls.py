"""The addresses of digits."""

from django.urls import path

from digits.pages import browser, draw, drawings, own_datasets, photo

app_name = "digits"

urlpatterns = [
    path("draw/", draw.draw, name="draw"),
    path("draw/pin/", draw.pin, name="pin"),
    path("draw/unpin/", draw.unpin, name="unpin"),
    path("draw/picture/", photo.picture, name="picture"),
    path("digits/", browser.browser, name="browser"),
    path("digits/<str:split>/<int:index>/", browser.digit, name="digit"),
    path("dataset/fetch/", browser.fetch, name="fetch"),
    path("datasets/", own_datasets.own, name="own"),
    path("datasets/<int:dataset_id>/delete/", own_datasets.own_delete, name="own_delete"),
    path("drawings/keep/", drawings.keep, name="drawing_keep"),
    path("drawings/change/", drawings.change, name="drawings_change"),
    path("drawings/clear/", drawings.clear, name="drawings_clear"),
    path("drawings/export/", drawings.export, name="drawings_export"),
    path("drawings/<int:drawing_id>/undo/", drawings.undo, name="drawing_undo"),
]
