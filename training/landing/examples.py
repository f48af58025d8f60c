"""Examples of training on the landing page: a recorded run, and the starter network's confusion matrix."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from digits import datasets
from training import networks
from training.ml.engines import evaluate
from training.ml.evaluation.confusion import Confusion

RECORD = Path(settings.BASE_DIR) / "static" / "networks" / "exhibit.json"


@lru_cache(maxsize=1)
def recorded_points() -> list[dict[str, Any]]:
    """The points of a run with the default hyperparameters on MNIST, as `manage.py record_landing_run` recorded it."""
    points: list[dict[str, Any]] = json.loads(RECORD.read_text())
    return points


@lru_cache(maxsize=2)
def starter_confusion(dataset: str) -> Confusion:
    """The starter network's confusion matrix on a dataset's test images, computed once per process.

    Raises DatasetMissing.
    """
    network = networks.load(networks.starter())
    return Confusion(evaluate(network, datasets.load(dataset).test).confusion.tolist())
