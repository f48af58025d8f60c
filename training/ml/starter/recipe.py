"""The starter networks, which come with the application: trained on MNIST and pen strokes, small enough for a page."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator

from digits.datasets import Split
from digits.datasets.non_digits import doodles
from digits.datasets.pendigits import Drawing, as_on_page
from digits.ink.strokes import PEN, normalise
from training.ml.config.hyperparameters import Hyperparameters
from training.ml.config.layer_types import CLASSES
from training.ml.config.presets import CNN
from training.ml.config.templates import dense
from training.ml.engines import ENGINES, Checkpoint
from training.ml.nn import Network
from training.ml.starter.warping import distorted, warped

# The starter networks, by the keys that name them in URLs and files.
TITLES = {"starter": "Starter network", "starter-cnn": "Starter CNN"}
STARTERS = {
    "starter": Hyperparameters(layers=dense(200, 80), learning_rate=2e-3, epochs=40),
    "starter-cnn": Hyperparameters(layers=CNN, learning_rate=3e-3, epochs=20),
}
FINAL_RATE = 0.005  # share of the learning rate towards which it falls as a cosine (Loshchilov & Hutter 2017)
PLAIN = 0.2  # fraction of the images that are unchanged in an epoch
COPIES = 2  # warped copies of each drawing per epoch, in addition to the drawing itself
SPREAD, THINNEST, THICKEST = 0.4, 1.4, 4.0  # pixels: standard deviation and limits of the pen's width
DOODLES = 8000  # images that are no digit, per 60,000 images
MEASURING_SEED = 1998  # for the sizes and places of the drawings that measure the network
ASIDE = 12  # one in 12 images and one in 12 writers are kept aside for validation


@dataclass(frozen=True)
class Epoch:
    """The result of an epoch; the accuracy (0 to 1) is on the images and drawings kept aside."""

    number: int  # from 1
    train_loss: float  # on this epoch's varied digits and doodles
    val_accuracy: float
    network: Network


def train(images: Split, drawings: Sequence[Drawing], hyperparameters: Hyperparameters) -> Iterator[Epoch]:
    """Train on images and drawings (perhaps none), newly varied in each epoch; yields each epoch's result.

    The last twelfth of the images and the drawings of every twelfth writer are for validation only. The network also
    learns doodles, which are no digits: each epoch gives them new random labels, so that no label fits them (similar
    to the uniform targets of Hendrycks, Mazeika & Dietterich 2019). The same arguments give the same weights on the
    same machine.
    """
    last = len(images) - len(images) // ASIDE
    learnt, _ = parted(drawings)
    validation = kept_aside(images, drawings)
    strange = doodles(DOODLES * len(images) // 60_000, np.random.default_rng([hyperparameters.seed, 4]))
    checkpoint: Checkpoint | None = None
    for number in range(1, hyperparameters.epochs + 1):
        generator = np.random.default_rng([hyperparameters.seed, 3, number])
        labels = generator.integers(0, CLASSES, len(strange), np.uint8)
        digits = joined(redrawn(images[:last], learnt, generator), Split(warped(strange, generator), labels))
        (progress,) = (
            progress
            for progress in ENGINES["numpy"].fit(
                _until(number, hyperparameters), digits, validation, checkpoint
            )
            if progress.epoch_ended
        )
        checkpoint = progress.checkpoint()
        point = progress.points[-1]
        yield Epoch(number, point.train_loss, point.val_accuracy or 0.0, progress.network())


def parted(drawings: Sequence[Drawing]) -> tuple[list[Drawing], list[Drawing]]:
    """The drawings for training, and the drawings of every twelfth writer, for validation."""
    writers = sorted({drawing.writer for drawing in drawings})[ASIDE - 1 :: ASIDE]
    return (
        [drawing for drawing in drawings if drawing.writer not in writers],
        [drawing for drawing in drawings if drawing.writer in writers],
    )


def kept_aside(images: Split, drawings: Sequence[Drawing]) -> Split:
    """The images and drawings on which `train` validates."""
    _, aside = parted(drawings)
    last = len(images) - len(images) // ASIDE
    return joined(images[last:], *([as_on_page(aside, ASIDE)] if aside else []))


def redrawn(images: Split, drawings: Sequence[Drawing], generator: Generator) -> Split:
    """One epoch's digits: most images warped; each drawing with distorted strokes, and COPIES warped copies of that."""
    fresh = warped(images.images, generator)  # (n, 28, 28)
    plain = generator.random(len(fresh)) < PLAIN  # (n,)
    fresh[plain] = images.images[plain]
    if not drawings:
        return Split(fresh, images.labels)
    widths = np.clip(generator.normal(PEN, SPREAD, len(drawings)), THINNEST, THICKEST)  # (m,)
    ink = Split(
        np.stack(
            [
                normalise(
                    [stroke.tolist() for stroke in distorted(drawing.strokes, generator)], pen=float(width)
                ).pixels
                for drawing, width in zip(drawings, widths, strict=True)
            ]
        ),
        np.array([drawing.label for drawing in drawings], np.uint8),
    )
    return joined(
        Split(fresh, images.labels),
        ink,
        *(Split(warped(ink.images, generator), ink.labels) for _ in range(COPIES)),
    )


def joined(*splits: Split) -> Split:
    """One split with all images of several splits."""
    return Split(
        np.concatenate([split.images for split in splits]), np.concatenate([split.labels for split in splits])
    )


def _until(number: int, hyperparameters: Hyperparameters) -> Hyperparameters:
    """The hyperparameters with `number` epochs and the learning rate of the last of these."""
    cosine = (1 + math.cos(math.pi * (number - 1) / hyperparameters.epochs)) / 2  # from 1 towards 0
    rate = hyperparameters.learning_rate * (FINAL_RATE + (1 - FINAL_RATE) * cosine)
    return replace(hyperparameters, epochs=number, learning_rate=rate)
