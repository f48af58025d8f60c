import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from digits import datasets
from training.landing.examples import RECORD
from training.ml.config.hyperparameters import Hyperparameters
from training.ml.engines import ENGINES, split


class Command(BaseCommand):
    help = "Trains with the default hyperparameters on MNIST and records the curves for the landing page."

    def handle(self, *args: Any, **options: Any) -> None:
        hyperparameters = Hyperparameters()
        parts = split(datasets.load("mnist").train, hyperparameters)
        points = [
            {
                name: round(value, 4) if isinstance(value, float) else value
                for name, value in asdict(point).items()
            }
            for progress in ENGINES["numpy"].fit(hyperparameters, *parts)
            for point in progress.points
        ]
        RECORD.write_text(json.dumps(points) + "\n")
        self.stdout.write(f"{len(points)} points in {RECORD.name}.")
