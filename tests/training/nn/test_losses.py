"""Losses and their derivatives by the logits."""

import numpy as np
import pytest
from sklearn.metrics import log_loss

from training.nn.activations import softmax
from training.nn.losses import LOSSES

RANDOM = np.random.default_rng(0)
LOGITS = RANDOM.normal(size=(6, 10))
LABELS = RANDOM.integers(0, 10, 6).astype(np.uint8)


def test_cross_entropy_agrees_with_scikit_learn() -> None:
    expected = log_loss(LABELS, softmax(LOGITS), labels=range(10))
    assert LOSSES["cross_entropy"].values(LOGITS, LABELS).mean() == pytest.approx(expected, rel=1e-12)


def test_quadratic_is_half_the_squared_distance() -> None:
    expected = 0.5 * ((softmax(LOGITS) - np.eye(10)[LABELS]) ** 2).sum(axis=1)
    np.testing.assert_allclose(LOSSES["quadratic"].values(LOGITS, LABELS), expected, rtol=1e-12)


def test_cross_entropy_of_a_sure_mistake_is_large_but_finite() -> None:
    logits = np.array([[0, 500] + [0] * 8], np.float32)
    assert LOSSES["cross_entropy"].values(logits, np.array([0], np.uint8)) == pytest.approx([500])


@pytest.mark.parametrize("name", LOSSES)
def test_the_derivative_agrees_with_finite_differences(name: str) -> None:
    step, derivative = 1e-6, np.empty_like(LOGITS)
    LOSSES[name].derivative(softmax(LOGITS), np.eye(10)[LABELS], derivative)

    for row, column in np.ndindex(*LOGITS.shape):
        shift = np.zeros_like(LOGITS)
        shift[row, column] = step
        higher, lower = (LOSSES[name].values(LOGITS + s, LABELS)[row] for s in (shift, -shift))
        assert derivative[row, column] == pytest.approx((higher - lower) / (2 * step), abs=1e-8)
