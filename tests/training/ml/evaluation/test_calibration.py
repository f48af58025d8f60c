"""Calibration: certainty is made honest, and strange images are told from digits."""

import numpy as np
import pytest

from digits import datasets
from digits.datasets.non_digits import doodles, scribbles, signs, silhouettes
from training.ml.evaluation.calibration import FRACTIONS, Calibration, calibrated, certainty
from training.ml.nn import Network

FLAT = Calibration(1.0, (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99))


class Shouting(Network):
    """A network whose logits are so many times too large, but right as often as honest ones would be."""

    def __init__(self, logits, factor):
        self.given = (logits * factor).astype(np.float32)

    def logits(self, images):
        buffer = np.empty((100, 10), np.float32)
        for start in range(0, len(images), 100):
            buffer[:] = self.given[start : start + 100]
            yield start, buffer  # as the real one: each chunk overwrites the one before

    def predict(self, images):
        e = np.exp(self.given - self.given.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)


@pytest.fixture(scope="module")
def honest():
    """Logits (2000, 10) and labels drawn by their own probabilities."""
    chance = np.random.default_rng(0)
    logits = chance.normal(0, 2, (2000, 10))
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = np.array([chance.choice(10, p=p) for p in probabilities], np.uint8)
    return logits, datasets.Split(np.zeros((2000, 28, 28), np.uint8), labels)


@pytest.mark.parametrize("factor", [0.5, 1, 3])
def test_the_temperature_undoes_what_a_network_exaggerates(honest, factor):
    logits, digits = honest

    found = calibrated(Shouting(logits, factor), digits)

    assert found.temperature == pytest.approx(factor, rel=0.1)
    assert list(found.quantiles) == sorted(found.quantiles)


def test_certainty_is_the_largest_probability_at_the_temperature():
    logits = np.array([[2.0, 1, 0, 0, 0, 0, 0, 0, 0, 0]])
    probabilities = np.exp(logits) / np.exp(logits).sum()
    hot = np.exp(logits / 3)

    found = certainty(probabilities.astype(np.float32), 3.0)

    assert found == pytest.approx(hot.max() / hot.sum(), rel=1e-5)


def test_familiarity_is_the_share_of_digits_that_are_less_certain():
    probabilities = np.full((3, 10), 0.1, np.float32)
    probabilities[1, 0], probabilities[2, 0] = 0.6 / 0.4 * 0.9, 1e9  # of the sum: 0.6, and about all

    found = FLAT.familiarity(probabilities / probabilities.sum(axis=1, keepdims=True))

    assert found == pytest.approx([FRACTIONS[0] / 2, 0.02, 1], rel=1e-3)


@pytest.mark.parametrize("make", [signs, scribbles, silhouettes])
def test_doodles_are_images_with_some_ink_each_another(make):
    generator = np.random.default_rng(1)
    images = np.stack([make(generator) for _ in range(30)])

    assert images.shape == (30, 28, 28)
    assert images.dtype == np.uint8
    assert (images.mean(axis=(1, 2)) > 5).all()
    assert len(np.unique(images.reshape(30, -1), axis=0)) == 30


def test_doodles_follow_from_the_seed():
    one, again = (doodles(8, np.random.default_rng(7)) for _ in range(2))

    assert np.array_equal(one, again)
