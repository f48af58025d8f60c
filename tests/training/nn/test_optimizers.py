"""Each optimiser against its formula, written out in scalars."""

from collections.abc import Callable

import numpy as np
import pytest

from training.hyperparameters import Hyperparameters
from training.nn import optimizers
from training.nn.optimizers import NEGLIGIBLE, OPTIMIZERS, SETTLING

H = Hyperparameters(learning_rate=0.1, momentum=0.8, rho=0.7, beta_1=0.6, beta_2=0.9, epsilon=1e-4)
START = np.array([1.0, -2.0, 0.5])
GRADIENTS = [np.array([0.3, -0.1, 2.0]), np.array([-0.5, 0.2, 1.0]), np.array([0.0, 4.0, -1.0])]


def sgd() -> np.ndarray:
    return START - H.learning_rate * sum(GRADIENTS)


def momentum() -> np.ndarray:
    w, v = START.copy(), np.zeros(3)
    for g in GRADIENTS:
        v = H.momentum * v - H.learning_rate * g
        w = w + v
    return w


def nesterov() -> np.ndarray:
    w, v = START.copy(), np.zeros(3)
    for g in GRADIENTS:
        v = H.momentum * v - H.learning_rate * g
        w = w + H.momentum * v - H.learning_rate * g
    return w


def rmsprop() -> np.ndarray:
    w, v = START.copy(), np.zeros(3)
    for g in GRADIENTS:
        v = H.rho * v + (1 - H.rho) * g**2
        w = w - H.learning_rate * g / (np.sqrt(v) + H.epsilon)
    return w


def adam() -> np.ndarray:
    w, m, v = START.copy(), np.zeros(3), np.zeros(3)
    for t, g in enumerate(GRADIENTS, start=1):
        m = H.beta_1 * m + (1 - H.beta_1) * g
        v = H.beta_2 * v + (1 - H.beta_2) * g**2
        mean, square = m / (1 - H.beta_1**t), v / (1 - H.beta_2**t)
        w = w - H.learning_rate * mean / (np.sqrt(square) + H.epsilon)
    return w


def moved(name: str) -> np.ndarray:
    parameters, gradients = START.copy(), np.empty(3)
    optimizer = OPTIMIZERS[name](parameters, gradients, H)
    for number, g in enumerate(GRADIENTS, start=1):
        gradients[:] = g
        optimizer.step(number)
    return parameters


@pytest.mark.parametrize("formula", [sgd, momentum, nesterov, rmsprop, adam])
def test_three_steps_follow_the_formula(formula: Callable[[], np.ndarray]) -> None:
    np.testing.assert_allclose(moved(formula.__name__), formula(), rtol=1e-12)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_blocks_change_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = moved(name)
    monkeypatch.setattr(optimizers, "BLOCK", 2)
    np.testing.assert_array_equal(moved(name), whole)


@pytest.mark.parametrize("name", ["momentum", "nesterov", "rmsprop", "adam"])
def test_slots_never_stay_denormal(name: str) -> None:
    # given
    parameters, gradients = np.zeros(2, np.float32), np.array([1, 0], np.float32)
    optimizer = OPTIMIZERS[name](parameters, gradients, H)
    for slot in optimizer.slots.values():
        slot[1] = NEGLIGIBLE / 10

    # when
    optimizer.step(SETTLING)

    # then
    assert all(slot[1] == 0 and slot[0] != 0 for slot in optimizer.slots.values())
    assert parameters[1] == pytest.approx(0, abs=1e-15)
