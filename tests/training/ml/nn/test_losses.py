"""Losses and their derivatives by the logits."""

import numpy as np
import pytest
from sklearn.metrics import log_loss

from training.ml.nn.activations import softmax
from training.ml.nn.losses import LOSSES

RANDOM = np.random.default_rng(0)
LOGITS = RANDOM.normal(size=(6, 10))
LABELS = RANDOM.integers(0, 10, 6).astype(np.uint8)


def targets(label_smoothing: float) -> np.ndarray:
    return np.eye(10)[LABELS] * (1 - label_smoothing) + label_smoothing / 10


def test_cross_entropy_agrees_with_scikit_learn() -> None:
    expected = log_loss(LABELS, softmax(LOGITS), labels=range(10))
    assert LOSSES["cross_entropy"].values(LOGITS, LABELS).mean() == pytest.approx(expected, rel=1e-12)


def test_quadratic_is_half_the_squared_distance() -> None:
    expected = 0.5 * ((softmax(LOGITS) - np.eye(10)[LABELS]) ** 2).sum(axis=1)
    np.testing.assert_allclose(LOSSES["quadratic"].values(LOGITS, LABELS), expected, rtol=1e-12)


@pytest.mark.parametrize(("rival", "loss"), [(-3.0, 0.0), (1.0, 0.0), (1.5, 0.5), (4.0, 3.0)])
def test_hinge_wants_the_label_to_lead_by_1(rival: float, loss: float) -> None:
    logits = np.array([[2.0, rival, -5.0]])
    assert LOSSES["hinge"].values(logits, np.array([0], np.uint8)) == pytest.approx([loss])


def test_hinge_compares_with_the_others_even_when_all_are_negative() -> None:
    logits = np.array([[-9.0, -8.5, -20.0]])
    assert LOSSES["hinge"].values(logits, np.array([0], np.uint8)) == pytest.approx([1.5])


def test_smoothed_cross_entropy_is_that_with_smoothed_targets() -> None:
    expected = -(targets(0.2) * np.log(softmax(LOGITS))).sum(axis=1)
    np.testing.assert_allclose(LOSSES["cross_entropy"].values(LOGITS, LABELS, 0.2), expected, rtol=1e-12)


def test_smoothed_quadratic_is_the_distance_from_smoothed_targets() -> None:
    expected = 0.5 * ((softmax(LOGITS) - targets(0.2)) ** 2).sum(axis=1)
    np.testing.assert_allclose(LOSSES["quadratic"].values(LOGITS, LABELS, 0.2), expected, rtol=1e-12)


def test_cross_entropy_of_a_sure_mistake_is_large_but_finite() -> None:
    logits = np.array([[0, 500] + [0] * 8], np.float32)
    assert LOSSES["cross_entropy"].values(logits, np.array([0], np.uint8)) == pytest.approx([500])


@pytest.mark.parametrize("label_smoothing", [0.0, 0.1])
@pytest.mark.parametrize("name", LOSSES)
def test_the_derivative_agrees_with_finite_differences(name: str, label_smoothing: float) -> None:
    step, derivative, values = 1e-6, np.empty_like(LOGITS), LOSSES[name].values
    LOSSES[name].derivative(LOGITS, softmax(LOGITS), targets(label_smoothing), derivative)

    for row, column in np.ndindex(*LOGITS.shape):
        shift = np.zeros_like(LOGITS)
        shift[row, column] = step
        higher, lower = (values(LOGITS + s, LABELS, label_smoothing)[row] for s in (shift, -shift))
        assert derivative[row, column] == pytest.approx((higher - lower) / (2 * step), abs=1e-8)


@pytest.mark.parametrize("name", LOSSES)
def test_logits_and_targets_stay_as_they_are(name: str) -> None:
    logits, labels, wanted = LOGITS.copy(), LABELS.copy(), targets(0.1)
    LOSSES[name].values(logits, labels)
    LOSSES[name].derivative(logits, softmax(logits), wanted, np.empty_like(logits))
    np.testing.assert_array_equal(logits, LOGITS)
    np.testing.assert_array_equal(wanted, targets(0.1))
