from django.urls import path

from training.views import networks, runs

app_name = "training"

urlpatterns = [
    path("train/", runs.new, name="new"),
    path("train/check/", runs.check, name="check"),
    path("train/defaults/", runs.defaults, name="defaults"),
    path("runs/", runs.runs, name="runs"),
    path("runs/<int:run_id>/", runs.run, name="run"),
    path("runs/<int:run_id>/points/", runs.points, name="points"),
    path("runs/<int:run_id>/pause/", runs.pause, name="pause"),
    path("runs/<int:run_id>/resume/", runs.resume, name="resume"),
    path("runs/<int:run_id>/stop/", runs.stop, name="stop"),
    path("runs/<int:run_id>/edit/", runs.edit_run, name="edit_run"),
    path("runs/<int:run_id>/delete/", runs.delete_run, name="delete_run"),
    path("experiments/<int:experiment_id>/edit/", runs.edit_experiment, name="edit_experiment"),
    path("experiments/<int:experiment_id>/delete/", runs.delete_experiment, name="delete_experiment"),
    path("exhibits/curve/", networks.exhibit_curve, name="exhibit_curve"),
    path("exhibits/confusion/", networks.exhibit_confusion, name="exhibit_confusion"),
    path("networks/picker/", networks.picker, name="picker"),
    path("networks/<slug:key>/weights/", networks.weights, name="weights"),
    path("networks/<slug:key>/predictions/", networks.predictions, name="predictions"),
    path("networks/<slug:key>/predict/", networks.predict, name="predict"),
]
