"""The division of a training split."""

import numpy as np
import pytest

from digits.datasets import Split
from training.engines import split
from training.hyperparameters import Hyperparameters


def images(count: int) -> Split:
    return Split(np.zeros((count, 28, 28), np.uint8), (np.arange(count) % 10).astype(np.uint8))


def test_the_last_images_are_for_validation_and_nothing_is_copied() -> None:
    whole = images(1000)

    train, validation = split(whole, Hyperparameters(validation_split=0.2))

    assert (len(train), len(validation)) == (800, 200)
    assert np.shares_memory(train.images, whole.images)
    assert np.array_equal(validation.labels, whole.labels[800:])


def test_a_subset_is_the_first_images() -> None:
    train, validation = split(images(1000), Hyperparameters(training_images=300, validation_split=0.1))
    assert (len(train), len(validation)) == (270, 30)


def test_a_dataset_smaller_than_the_subset_is_taken_whole() -> None:
    train, validation = split(images(50), Hyperparameters(training_images=60_000, validation_split=0.02))
    assert (len(train), len(validation)) == (49, 1)


def test_one_image_is_too_few() -> None:
    with pytest.raises(ValueError, match="at least 2 images, not 1"):
        split(images(1), Hyperparameters())
