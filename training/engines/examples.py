"""Labelled images, and how a training divides them."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from training.hyperparameters import Hyperparameters
from training.nn.arrays import Bytes


class Split(Protocol):
    """What a dataset's split offers: images uint8 (n, 28, 28), 0 = background, and labels uint8 (n,)."""

    @property
    def images(self) -> Bytes: ...
    @property
    def labels(self) -> Bytes: ...


class Examples(NamedTuple):
    """A part of a split: views of its images and labels."""

    images: Bytes  # (n, 28, 28)
    labels: Bytes  # (n,)


def split(examples: Split, hyperparameters: Hyperparameters) -> tuple[Examples, Examples]:
    """Training and validation part of a dataset's training split, without a copy.

    The first `training_images` are taken, all if there are fewer; of these the last `validation_split` share, at
    least one image, is for validation. Raises ValueError for fewer than two images.
    """
    count = min(hyperparameters.training_images or len(examples.labels), len(examples.labels))
    if count < 2:
        raise ValueError(f"A training needs at least 2 images, not {count}.")
    start = count - max(1, round(count * hyperparameters.validation_split))
    images, labels = examples.images, examples.labels
    return Examples(images[:start], labels[:start]), Examples(images[start:count], labels[start:count])
