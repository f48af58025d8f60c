from django.urls import path

from training.models import Run
from training.views import collection, controls, form, my_digits, networks, runs, versus

app_name = "training"

urlpatterns = [
    path("train/", form.new, name="new"),
    path("train/check/", form.check, name="check"),
    path("train/defaults/", form.defaults, name="defaults"),
    path("runs/", runs.runs, name="runs"),
    path("runs/<int:run_id>/", runs.run, name="run"),
    path("runs/<int:run_id>/points/", runs.points, name="points"),
    path("runs/<int:run_id>/pause/", controls.steer, {"change": Run.pause}, name="pause"),
    path("runs/<int:run_id>/resume/", controls.steer, {"change": Run.resume}, name="resume"),
    path("runs/<int:run_id>/stop/", controls.steer, {"change": Run.stop}, name="stop"),
    path("runs/<int:run_id>/step/batch/", controls.steer, {"change": Run.train_batch}, name="step_batch"),
    path("runs/<int:run_id>/step/epoch/", controls.steer, {"change": Run.train_epoch}, name="step_epoch"),
    path("runs/<int:run_id>/rewind/", controls.steer, {"change": Run.rewind}, name="rewind"),
    path("runs/<int:run_id>/rate/", controls.rate, name="rate"),
    path("runs/<int:run_id>/train-on/", controls.train_on, name="train_on"),
    path("runs/<int:run_id>/again/", controls.again, name="again"),
    path("runs/<int:run_id>/head-to-head/", versus.versus, name="versus"),
    path("runs/<int:run_id>/edit/", runs.edit_run, name="edit_run"),
    path("runs/<int:run_id>/delete/", runs.delete_run, name="delete_run"),
    path("experiments/<int:experiment_id>/edit/", runs.edit_experiment, name="edit_experiment"),
    path("experiments/<int:experiment_id>/delete/", runs.delete_experiment, name="delete_experiment"),
    path("exhibits/curve/", networks.exhibit_curve, name="exhibit_curve"),
    path("exhibits/confusion/", networks.exhibit_confusion, name="exhibit_confusion"),
    path("drawings/", my_digits.my_digits, name="my_digits"),
    path("drawings/learn/", my_digits.learn, name="learn_my_digits"),
    path("drawings/scores/", my_digits.my_scores, name="my_scores"),
    path("runs/<int:run_id>/my-digits/", my_digits.my_result, name="my_result"),
    path("networks/", collection.networks, name="networks"),
    path("networks/<int:network_id>/edit/", collection.edit_network, name="edit_network"),
    path("networks/<int:network_id>/delete/", collection.delete_network, name="delete_network"),
    path("networks/picker/", networks.picker, name="picker"),
    path("networks/<slug:key>/weights/", networks.weights, name="weights"),
    path("networks/<slug:key>/predictions/", networks.predictions, name="predictions"),
    path("networks/<slug:key>/predict/", networks.predict, name="predict"),
]
