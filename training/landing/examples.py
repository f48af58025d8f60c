"""What the landing page shows of training before anybody has trained: a recorded run, the starter's mistakes."""

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
    """The points of a run with the default hyperparameters on MNIST, as `manage.py record_exhibit` wrote them."""
    points: list[dict[str, Any]] = json.loads(RECORD.read_text())
    return points


@lru_cache(maxsize=2)
def starter_confusion(dataset: str) -> Confusion:
    """What the starter network makes of the test images of a dataset; counted once in a process."""
    network = networks.load(networks.starter())
    return Confusion(evaluate(network, datasets.load(dataset).test).confusion.tolist())
