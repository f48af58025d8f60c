"""The addresses of training."""

from django.urls import path

from training.comparison import engines
from training.comparison import networks as networks_side_by_side
from training.handwriting import views as handwriting
from training.landing import views as landing
from training.models import Run
from training.networks import picker, predictions
from training.networks import views as networks
from training.runs import controls, new_run
from training.runs import views as runs
from training.sharing import owner_views, public_views

app_name = "training"

urlpatterns = [
    path("", landing.landing, name="landing"),
    path("train/", new_run.new, name="new"),
    path("train/check/", new_run.check, name="check"),
    path("train/defaults/", new_run.defaults, name="defaults"),
    path("runs/", runs.runs, name="runs"),
    path("runs/<int:run_id>/", runs.run, name="run"),
    path("runs/<int:run_id>/points/", runs.points, name="points"),
    path("runs/<int:run_id>/pause/", controls.steer, {"change": Run.pause}, name="pause"),
    path("runs/<int:run_id>/resume/", controls.back, {"change": Run.resume}, name="resume"),
    path("runs/<int:run_id>/stop/", controls.steer, {"change": Run.stop}, name="stop"),
    path("runs/<int:run_id>/step/batch/", controls.back, {"change": Run.train_batch}, name="step_batch"),
    path("runs/<int:run_id>/step/epoch/", controls.back, {"change": Run.train_epoch}, name="step_epoch"),
    path("runs/<int:run_id>/rewind/", controls.steer, {"change": Run.rewind}, name="rewind"),
    path("runs/<int:run_id>/rate/", controls.rate, name="rate"),
    path("runs/<int:run_id>/train-on/", controls.train_on, name="train_on"),
    path("runs/<int:run_id>/again/", controls.again, name="again"),
    path("runs/<int:run_id>/head-to-head/", engines.versus, name="versus"),
    path("runs/<int:run_id>/edit/", runs.edit_run, name="edit_run"),
    path("runs/<int:run_id>/delete/", runs.delete_run, name="delete_run"),
    path("experiments/<int:experiment_id>/edit/", runs.edit_experiment, name="edit_experiment"),
    path("experiments/<int:experiment_id>/delete/", runs.delete_experiment, name="delete_experiment"),
    path("exhibits/curve/", landing.exhibit_curve, name="exhibit_curve"),
    path("exhibits/confusion/", landing.exhibit_confusion, name="exhibit_confusion"),
    path("drawings/", handwriting.my_digits, name="my_digits"),
    path("drawings/learn/", handwriting.learn, name="learn_my_digits"),
    path("drawings/scores/", handwriting.my_scores, name="my_scores"),
    path("runs/<int:run_id>/my-digits/", handwriting.my_result, name="my_result"),
    path("networks/", networks.listing, name="networks"),
    path("networks/<int:network_id>/edit/", networks.edit_network, name="edit_network"),
    path("networks/<int:network_id>/delete/", networks.delete_network, name="delete_network"),
    path("networks/side-by-side/", networks_side_by_side.side_by_side, name="side_by_side"),
    path("networks/picker/", picker.picker, name="picker"),
    path("networks/<slug:key>/weights/", predictions.weights, name="weights"),
    path("networks/<slug:key>/predictions/", predictions.predictions, name="predictions"),
    path("networks/<slug:key>/predict/", predictions.predict, name="predict"),
    path("networks/<slug:key>/embed/", owner_views.embed, name="embed"),
    path("networks/<slug:key>/embed/off/", owner_views.off, name="embed_off"),
    path("networks/<slug:key>/embed/cost/", owner_views.cost, name="embed_cost"),
    path("networks/<slug:key>/embed/file/", owner_views.single_file, name="embed_file"),
    path("embed/widget.js", public_views.script, name="widget"),
    path("embed/<slug:share>/network", public_views.network, name="shared_network"),
    path("embed/<slug:share>/<slug:version>.safetensors", public_views.weights, name="shared_weights"),
    path("embed/<slug:share>/corrections", public_views.corrections, name="shared_corrections"),
]
