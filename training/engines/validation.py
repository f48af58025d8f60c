"""How a training divides its images: those it learns from, and those it is judged by on the way."""

from __future__ import annotations

from digits.datasets import Split
from training.hyperparameters import Hyperparameters


def split(images: Split, hyperparameters: Hyperparameters) -> tuple[Split, Split]:
    """Training and validation part of a dataset's training split, without a copy.

    The first `training_images` are taken, all if there are fewer; of these the last `validation_split` share,
    at least one image, is for validation. Raises ValueError for fewer than two images.
    """
    count = min(hyperparameters.training_images or len(images), len(images))
    if count < 2:
        raise ValueError(f"A training needs at least 2 images, not {count}.")
    start = count - max(1, round(count * hyperparameters.validation_split))
    return images[:start], images[start:count]
