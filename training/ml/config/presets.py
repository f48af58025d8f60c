"""Hyperparameters that are known to train well."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from training.ml.config.hyperparameters import Hyperparameters
from training.ml.config.templates import dense


class Preset(NamedTuple):
    """Hyperparameters with a title and a description for people."""

    title: str
    promise: str
    hyperparameters: Hyperparameters


# About as strong as the differences between people's handwriting (elastic displacement: Simard, Steinkraus & Platt
# 2003); values 1.5 times as large made a small CNN worse.
_REDRAWN: dict[str, Any] = {
    "augment_shift": 0.5,
    "augment_rotate": 10.0,
    "augment_scale": 0.1,
    "augment_shear": 8.0,
    "augment_elastic": 0.6,
}
LEAST_SEEN = 30_000  # images over all epochs: enough to learn a few drawings


def fine_tuning(layers: Sequence[Mapping[str, Any]], images: int) -> Hyperparameters:
    """Hyperparameters that fine-tune a network with these hidden layers on `images` images of somebody's handwriting.

    A low learning rate keeps what the network has learnt; augmentation makes up for few images. A small network takes
    seconds.
    """
    return Hyperparameters(
        layers=tuple(dict(layer) for layer in layers),
        learning_rate=3e-4,
        schedule="cosine",
        final_share=0.05,
        batch_size=64,
        epochs=max(5, math.ceil(LEAST_SEEN / images)),
        **_REDRAWN,
    )


# Normalisation comes before the activation. It comes after the pooling because the maps are smaller there.
_NORMALISED = ({"type": "batch_normalization"}, {"type": "activation", "activation": "relu"})


def _convolution(filters: int) -> tuple[dict[str, Any], ...]:
    return (
        {"type": "conv2d", "filters": filters, "kernel_size": 5, "activation": "linear"},
        {"type": "max_pooling", "pool_size": 2},
        *_NORMALISED,
    )


CNN: tuple[dict[str, Any], ...] = (
    *_convolution(24),
    *_convolution(48),
    {"type": "flatten"},
    {"type": "dropout", "rate": 0.3},
    {"type": "dense", "units": 128, "activation": "linear"},
    *_NORMALISED,
    {"type": "dropout", "rate": 0.3},
)

PRESETS: dict[str, Preset] = {
    "first": Preset("First run", "A small network, trained in seconds", Hyperparameters()),
    "best-mlp": Preset(
        "Best MLP",
        "Wide layers and augmented images: 99.2 % of MNIST's test images, in some minutes",
        Hyperparameters(
            layers=dense(512, 512), schedule="cosine", epochs=20, validation_split=0.02, **_REDRAWN
        ),
    ),
    "best-cnn": Preset(
        "Best CNN",
        "Convolutions and augmented images: 99.5 % of MNIST's test images, in under ten minutes",
        Hyperparameters(
            layers=CNN,
            learning_rate=3e-3,
            schedule="cosine",
            epochs=20,
            validation_split=0.02,
            **_REDRAWN,
        ),
    ),
}
