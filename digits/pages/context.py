"""What every page may need of the data."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from digits import datasets
from digits.library import downloads


def dataset(request: HttpRequest) -> dict[str, Any]:
    """The dataset in use, and in plain words why it isn't MNIST where it isn't; MNIST's download while it goes on."""
    mnist = downloads.current()
    return {
        "dataset": SimpleLazyObject(datasets.load),
        "mnist": mnist if mnist.running else None,
        "dataset_problem": SimpleLazyObject(lambda: datasets.problem() or ""),
    }
