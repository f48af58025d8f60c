from django.urls import path

from training import views

app_name = "training"

urlpatterns = [
    path("train/", views.new, name="new"),
    path("train/check/", views.check, name="check"),
    path("train/defaults/", views.defaults, name="defaults"),
    path("runs/", views.runs, name="runs"),
    path("runs/<int:run_id>/", views.run, name="run"),
    path("runs/<int:run_id>/points/", views.points, name="points"),
    path("runs/<int:run_id>/pause/", views.pause, name="pause"),
    path("runs/<int:run_id>/resume/", views.resume, name="resume"),
    path("runs/<int:run_id>/stop/", views.stop, name="stop"),
    path("runs/<int:run_id>/edit/", views.edit_run, name="edit_run"),
    path("runs/<int:run_id>/delete/", views.delete_run, name="delete_run"),
    path("experiments/<int:experiment_id>/edit/", views.edit_experiment, name="edit_experiment"),
    path("experiments/<int:experiment_id>/delete/", views.delete_experiment, name="delete_experiment"),
    path("exhibits/curve/", views.exhibit_curve, name="exhibit_curve"),
    path("exhibits/confusion/", views.exhibit_confusion, name="exhibit_confusion"),
    path("networks/picker/", views.picker, name="picker"),
    path("networks/<slug:key>/weights/", views.weights, name="weights"),
    path("networks/<slug:key>/predictions/", views.predictions, name="predictions"),
    path("networks/<slug:key>/predict/", views.predict, name="predict"),
]
