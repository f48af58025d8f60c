"""Each optimiser against its formula, written out in scalars."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest

from training.ml.nn import optimizers
from training.ml.nn.optimizers import CLEARING, NEGLIGIBLE, OPTIMIZERS, clip

H = SimpleNamespace(momentum=0.8, rho=0.7, beta_1=0.6, beta_2=0.9, epsilon=1e-4, weight_decay=0.3)
RATES = [0.1, 0.2, 0.05]  # a schedule's
START = np.array([1.0, -2.0, 0.5])
GRADIENTS = [np.array([0.3, -0.1, 2.0]), np.array([-0.5, 0.2, 1.0]), np.array([0.0, 4.0, -1.0])]


STEPS = list(zip(RATES, GRADIENTS, strict=True))
WEIGHTS = slice(0, 2)  # the last parameter is a bias


def sgd() -> np.ndarray:
    w = START.copy()
    for rate, g in STEPS:
        w = w - rate * g
    return w


def momentum() -> np.ndarray:
    w, v = START.copy(), np.zeros(3)
    for rate, g in STEPS:
        v = H.momentum * v - rate * g
        w = w + v
    return w


def nesterov() -> np.ndarray:
    w, v = START.copy(), np.zeros(3)
    for rate, g in STEPS:
        v = H.momentum * v - rate * g
        w = w + H.momentum * v - rate * g
    return w


def rmsprop() -> np.ndarray:
    w, v = START.copy(), np.zeros(3)
    for rate, g in STEPS:
        v = H.rho * v + (1 - H.rho) * g**2
        w = w - rate * g / (np.sqrt(v) + H.epsilon)
    return w


def adagrad() -> np.ndarray:
    w, v = START.copy(), np.full(3, 0.1)
    for rate, g in STEPS:
        v = v + g**2
        w = w - rate * g / np.sqrt(v + H.epsilon)
    return w


def adadelta() -> np.ndarray:
    w, v, d = START.copy(), np.zeros(3), np.zeros(3)
    for rate, g in STEPS:
        v = H.rho * v + (1 - H.rho) * g**2
        change = g * np.sqrt(d + H.epsilon) / np.sqrt(v + H.epsilon)
        d = H.rho * d + (1 - H.rho) * change**2
        w = w - rate * change
    return w


def adam(weight_decay: float = 0.0) -> np.ndarray:
    w, m, v = START.copy(), np.zeros(3), np.zeros(3)
    for t, (rate, g) in enumerate(STEPS, start=1):
        w[WEIGHTS] -= rate * weight_decay * w[WEIGHTS]
        m = H.beta_1 * m + (1 - H.beta_1) * g
        v = H.beta_2 * v + (1 - H.beta_2) * g**2
        mean, square = m / (1 - H.beta_1**t), v / (1 - H.beta_2**t)
        w = w - rate * mean / (np.sqrt(square) + H.epsilon)
    return w


def adamw() -> np.ndarray:
    return adam(H.weight_decay)


def nadam() -> np.ndarray:
    w, m, v = START.copy(), np.zeros(3), np.zeros(3)
    for t, (rate, g) in enumerate(STEPS, start=1):
        m = H.beta_1 * m + (1 - H.beta_1) * g
        v = H.beta_2 * v + (1 - H.beta_2) * g**2
        ahead = H.beta_1 * m / (1 - H.beta_1 ** (t + 1)) + (1 - H.beta_1) * g / (1 - H.beta_1**t)
        w = w - rate * ahead / (np.sqrt(v / (1 - H.beta_2**t)) + H.epsilon)
    return w


FORMULAS = [sgd, momentum, nesterov, rmsprop, adagrad, adadelta, adam, adamw, nadam]


def moved(name: str) -> np.ndarray:
    parameters, gradients = START.copy(), np.empty(3)
    optimizer = OPTIMIZERS[name](parameters, gradients, H, [WEIGHTS])
    for number, (rate, g) in enumerate(STEPS, start=1):
        gradients[:] = g
        optimizer.step(number, rate)
    return parameters


def test_there_is_a_formula_for_every_optimiser() -> None:
    assert {formula.__name__ for formula in FORMULAS} == set(OPTIMIZERS)


@pytest.mark.parametrize("formula", FORMULAS)
def test_three_steps_follow_the_formula(formula: Callable[[], np.ndarray]) -> None:
    np.testing.assert_allclose(moved(formula.__name__), formula(), rtol=1e-12)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_blocks_change_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = moved(name)
    monkeypatch.setattr(optimizers, "BLOCK", 2)
    np.testing.assert_array_equal(moved(name), whole)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_gradient_is_left_as_it_is(name: str) -> None:
    gradients = GRADIENTS[0].copy()
    OPTIMIZERS[name](START.copy(), gradients, H).step(1, 0.1)
    np.testing.assert_array_equal(gradients, GRADIENTS[0])


@pytest.mark.parametrize("name", [name for name, kind in OPTIMIZERS.items() if kind.slot_names])
def test_slots_never_stay_denormal(name: str) -> None:
    # given
    parameters, gradients = np.zeros(2, np.float32), np.array([1, 0], np.float32)
    optimizer = OPTIMIZERS[name](parameters, gradients, H)
    for slot in optimizer.slots.values():
        slot[1] = NEGLIGIBLE / 10

    # when
    optimizer.step(CLEARING, 0.1)

    # then
    assert all(slot[1] == 0 and slot[0] != 0 for slot in optimizer.slots.values())
    assert parameters[1] == pytest.approx(0, abs=1e-15)


@pytest.mark.parametrize("norm", [0.5, 5.0, 100.0, 0.0])
def test_clipping_shortens_the_gradient_to_the_norm_and_keeps_its_direction(norm: float) -> None:
    gradients = np.array([3.0, -4.0, 0.0])
    clip(gradients, norm)
    np.testing.assert_allclose(gradients, np.array([3.0, -4.0, 0.0]) * (0.1 if norm == 0.5 else 1))


def test_clipping_a_huge_gradient_leaves_its_direction() -> None:
    gradients = np.array([3e30, 4e30], np.float32)
    clip(gradients, 1.0)
    np.testing.assert_allclose(gradients, [0.6, 0.8], rtol=1e-6)


def test_clipping_does_not_hide_what_diverged() -> None:
    gradients = np.array([np.nan, 1.0], np.float32)
    clip(gradients, 1.0)
    assert np.isnan(gradients[0])
