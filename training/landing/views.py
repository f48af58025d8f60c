"""The landing page, and the examples on it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from digits import datasets
from training import networks
from training.landing import examples


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """The first page: a network recognises a digit while the visitor draws it."""
    starter = networks.starter()
    context = {"network_name": starter.name, "network_url": reverse("training:weights", args=[starter.key])}
    return render(request, "training/landing/landing.html", context)


@require_safe
def exhibit_curve(request: HttpRequest) -> HttpResponse:
    """The partial with the curves of a recorded run."""
    points = examples.recorded_points()
    judged = [point for point in points if point["val_loss"] is not None]
    context = {
        "train": [point["train_loss"] for point in points],
        "validation": [point["val_loss"] for point in judged],
        "first": points[0]["train_loss"],
        "last": points[-1]["train_loss"],
        "seconds": points[-1]["seconds"],
    }
    return render(request, "training/landing/_exhibit_curve.html", context)


@require_safe
def exhibit_confusion(request: HttpRequest) -> HttpResponse:
    """The partial with the starter network's confusion matrix."""
    confusion = examples.starter_confusion(datasets.load().name)
    return render(request, "training/landing/_exhibit_confusion.html", {"confusion": confusion})
