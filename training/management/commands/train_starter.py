"""`manage.py train_starter`: trains the networks that come with the application, and writes their model cards."""

from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from digits import datasets
from digits.datasets import Split, pendigits
from digits.datasets.non_digits import scribbles, signs, silhouettes
from digits.datasets.pendigits import Drawing
from training.ml import formats
from training.ml.config.hyperparameters import Hyperparameters, InvalidHyperparameters
from training.ml.engines import evaluate
from training.ml.evaluation.calibration import STRANGE, Calibration, calibrated
from training.ml.nn import Network
from training.ml.starter import recipe
from training.ml.starter.model_card import Measurement, ModelCard

MEASURED = "Drawings by six other people, of any size and anywhere on the page's paper"
DOODLES = (
    "Letters, scribbles and silhouettes made up by `digits/datasets/non_digits.py`, as what is no digit."
)
STRANGERS = {"letters and signs": signs, "scribbles": scribbles, "silhouettes": silhouettes}
STRANGERS_A_KIND = 1000
QUICK_IMAGES, QUICK_DRAWINGS, QUICK_EPOCHS = 1200, 240, 2
INK = (
    "Pen-Based Recognition of Handwritten Digits by E. Alpaydin and F. Alimoglu (UCI Machine Learning "
    "Repository, 1998), licensed under CC BY 4.0: {count:,} digits drawn with a pen by {writers} people."
)


class Command(BaseCommand):
    """Trains on MNIST, and on pen strokes where INK_DIR names a folder that has them."""

    help = "Trains a starter network on MNIST and the pen strokes in INK_DIR; writes it and its model card."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("key", nargs="?", choices=list(recipe.STARTERS), default="starter")
        parser.add_argument("--epochs", type=int, help="default: as many as it takes")
        parser.add_argument("--seed", type=int, default=0, help="the same seed gives the same network")
        parser.add_argument(
            "--quick", action="store_true", help="a few images and epochs, to try the command"
        )
        parser.add_argument(
            "--output", type=Path, default=Path(settings.BASE_DIR) / "static" / "networks", help="folder"
        )

    def handle(self, **options: Any) -> None:
        dataset, hyperparameters, key = datasets.load(), _hyperparameters(options), options["key"]
        images, (learnt, measured) = dataset.train, _drawings()
        if options["quick"]:
            images, learnt = images[:QUICK_IMAGES], learnt[:QUICK_DRAWINGS]
        network = self._trained(images, learnt, hyperparameters)
        calibration = calibrated(network, recipe.kept_aside(images, learnt))
        scores = [Measurement(f"{dataset.title}'s test images", evaluate(network, dataset.test))]
        if measured:
            page = pendigits.as_on_page(measured, recipe.MEASURING_SEED)
            scores.append(Measurement(MEASURED, evaluate(network, page)))
        for score in scores:
            self.stdout.write(f"{100 * score.evaluation.accuracy:.2f} %: {score.title}")

        blob = formats.dump(network, {"name": recipe.TITLES[key], **calibration.metadata()})
        sources = [dataset.source, *_ink(learnt), DOODLES]
        strange = _strangeness(network, calibration)
        card = ModelCard(
            recipe.TITLES[key],
            _command(options),
            network,
            len(blob),
            hyperparameters,
            sources,
            scores,
            strange,
        )
        options["output"].mkdir(parents=True, exist_ok=True)
        (options["output"] / f"{key}.safetensors").write_bytes(blob)
        (options["output"] / f"{key}.md").write_text(str(card))

    def _trained(self, images: Split, drawings: list[Drawing], hyperparameters: Hyperparameters) -> Network:
        self.stdout.write(f"Training on {len(images):,} images and {len(drawings):,} drawings.")
        began = perf_counter()
        for epoch in recipe.train(images, drawings, hyperparameters):
            self.stdout.write(
                f"epoch {epoch.number} of {hyperparameters.epochs}: loss {epoch.train_loss:.4f}, "
                f"validation {100 * epoch.val_accuracy:.2f} %, {perf_counter() - began:.0f} s"
            )
            self.stdout.flush()
        return epoch.network


def _hyperparameters(options: dict[str, Any]) -> Hyperparameters:
    epochs, usual = options["epochs"], recipe.STARTERS[options["key"]]
    if epochs is None:
        epochs = QUICK_EPOCHS if options["quick"] else usual.epochs
    hyperparameters = replace(usual, epochs=epochs, seed=options["seed"])
    try:
        hyperparameters.validate()
    except InvalidHyperparameters as error:
        raise CommandError(str(error)) from error
    return hyperparameters


def _drawings() -> tuple[list[Drawing], list[Drawing]]:
    folder = pendigits.folder()
    try:
        return pendigits.read(folder) if folder else ([], [])
    except pendigits.DamagedDrawings as error:
        raise CommandError(str(error)) from error


def _ink(drawings: list[Drawing]) -> list[str]:
    writers = len({drawing.writer for drawing in drawings})
    return [INK.format(count=len(drawings), writers=writers)] if drawings else []


def _strangeness(network: Network, calibration: Calibration) -> dict[str, float]:
    """Kind -> share of its images, none a digit, that the network recognises as no digit."""
    generator = np.random.default_rng(recipe.MEASURING_SEED)
    return {
        kind: float((calibration.familiarity(network.predict(images)) < STRANGE).mean())
        for kind, make in STRANGERS.items()
        for images in [np.stack([make(generator) for _ in range(STRANGERS_A_KIND)])]
    }


def _command(options: dict[str, Any]) -> str:
    epochs = "" if options["epochs"] is None else f" --epochs {options['epochs']}"
    quick = " --quick" if options["quick"] else ""
    return f"python manage.py train_starter {options['key']} --seed {options['seed']}{epochs}{quick}"
