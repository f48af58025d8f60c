"""Template variables about datasets, for every page."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from digits import datasets
from digits.library import downloads


def dataset(request: HttpRequest) -> dict[str, Any]:
    """The default dataset, the reason if it isn't MNIST, and MNIST's download while it is running."""
    mnist = downloads.current()
    return {
        "dataset": SimpleLazyObject(datasets.load),
        "mnist": mnist if mnist.running else None,
        "dataset_problem": SimpleLazyObject(lambda: datasets.problem() or ""),
    }
