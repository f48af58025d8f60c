"""A small dataset that can be learnt, and fixtures for the tests of every engine."""

import hashlib
from collections.abc import Callable

import numpy as np
import pytest

from digits.datasets import Split
from training.ml.config.hyperparameters import Hyperparameters
from training.ml.config.templates import dense
from training.ml.engines import ENGINES, Checkpoint, Point, Progress

Fit = Callable[..., list[Progress]]


def made(images: int, seed: int) -> Split:
    """Make images (`images`, 28, 28) of ten random patterns, one per digit, with noise added."""
    random = np.random.default_rng(seed)
    patterns = np.random.default_rng(99).integers(0, 200, (10, 28, 28))
    labels = random.integers(0, 10, images).astype(np.uint8)
    pixels = patterns[labels] + random.integers(0, 56, (images, 28, 28))
    return Split(pixels.astype(np.uint8), labels)


@pytest.fixture(scope="session")
def train() -> Split:
    return made(530, seed=0)


@pytest.fixture(scope="session")
def validation() -> Split:
    return made(70, seed=1)


@pytest.fixture
def quick() -> Hyperparameters:
    """17 steps per epoch, the last with 18 images."""
    return Hyperparameters(layers=dense(12, 8, dropout=0.2), epochs=3, batch_size=32, l2=1e-3)


@pytest.fixture
def fit(train: Split, validation: Split) -> Fit:
    """Train to the end and return every Progress; `interval=0` gives one for each block."""

    def run(
        hyperparameters: Hyperparameters, checkpoint: Checkpoint | None = None, interval: float = 0
    ) -> list[Progress]:
        return list(ENGINES["numpy"].fit(hyperparameters, train, validation, checkpoint, interval=interval))

    return run


def curve(progresses: list[Progress]) -> list[tuple[object, ...]]:
    """Return all points without their seconds, which differ from run to run."""
    return [timeless(point) for progress in progresses for point in progress.points]


def timeless(point: Point) -> tuple[object, ...]:
    return (
        point.step,
        point.epoch,
        point.train_loss,
        point.train_accuracy,
        point.val_loss,
        point.val_accuracy,
    )


@pytest.fixture
def digest() -> Callable[[np.ndarray], str]:
    return lambda array: hashlib.sha256(array.tobytes()).hexdigest()
