"""The network that the application comes with: trained on MNIST and pen strokes, small enough for a page."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator

from digits.datasets import Split
from digits.drawn import Drawing, as_on_page
from digits.ink import PEN, normalise
from training.architecture import dense
from training.engines import ENGINES, Checkpoint
from training.hyperparameters import Hyperparameters
from training.nn import Network
from training.redrawing import distorted, warped

HYPERPARAMETERS = Hyperparameters(layers=dense(160, 64), learning_rate=2e-3, epochs=40)
FINAL_RATE = 0.005  # of the learning rate, towards which a cosine leads (Loshchilov & Hutter 2017)
PLAIN = 0.2  # share of the images that an epoch leaves as they are
COPIES = 2  # of each drawing, warped, in an epoch, beside the drawing itself
SPREAD, THINNEST, THICKEST = 0.4, 1.4, 4.0  # pixels: standard deviation and limits of the pen's width
MEASURING_SEED = 1998  # of the sizes and places of the drawings to measure with
ASIDE = 12  # one in so many images and writers is kept aside for validation


@dataclass(frozen=True)
class Epoch:
    """What an epoch came to; accuracies are from 0 to 1, on images and on drawings kept aside."""

    number: int  # from 1
    train_loss: float  # on redrawn digits
    val_accuracy: float
    network: Network


def train(images: Split, drawings: Sequence[Drawing], hyperparameters: Hyperparameters) -> Iterator[Epoch]:
    """Train on images and on drawings (which may be none), every epoch on digits drawn anew.

    The last twelfth of the images, and the drawings of every twelfth writer, are validated on instead. The
    same arguments give the same weights on the same machine.
    """
    last = len(images) - len(images) // ASIDE
    writers = sorted({drawing.writer for drawing in drawings})[ASIDE - 1 :: ASIDE]
    learnt = [drawing for drawing in drawings if drawing.writer not in writers]
    aside = [drawing for drawing in drawings if drawing.writer in writers]
    validation = joined(images[last:], *([as_on_page(aside, hyperparameters.seed)] if aside else []))
    checkpoint: Checkpoint | None = None
    for number in range(1, hyperparameters.epochs + 1):
        generator = np.random.default_rng([hyperparameters.seed, 3, number])
        digits = redrawn(images[:last], learnt, generator)
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


def redrawn(images: Split, drawings: Sequence[Drawing], generator: Generator) -> Split:
    """One epoch's digits: most images warped, and each drawing distorted, plain and warped."""
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
    """All images of several splits in one."""
    return Split(
        np.concatenate([split.images for split in splits]), np.concatenate([split.labels for split in splits])
    )


def _until(number: int, hyperparameters: Hyperparameters) -> Hyperparameters:
    """The hyperparameters that end with this epoch, at its learning rate."""
    cosine = (1 + math.cos(math.pi * (number - 1) / hyperparameters.epochs)) / 2  # from 1 towards 0
    rate = hyperparameters.learning_rate * (FINAL_RATE + (1 - FINAL_RATE) * cosine)
    return replace(hyperparameters, epochs=number, learning_rate=rate)
