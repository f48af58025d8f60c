"""The activation functions and their derivatives."""

import numpy as np
import pytest

from training.ml.nn.activations import ACTIVATIONS, MONOTONE, softmax

# ReLU's kink at 0 is left out: there is no derivative.
Z = np.array([-30.0, -3.0, -1.0, -0.25, -1e-3, 1e-3, 0.25, 1.0, 3.0, 30.0])
EXPECTED = {
    "relu": np.where(Z > 0, Z, 0),
    "leaky_relu": np.where(Z > 0, Z, 0.01 * Z),
    "elu": np.where(Z > 0, Z, np.expm1(Z)),
    "gelu": 0.5 * Z * (1 + np.tanh(np.sqrt(2 / np.pi) * (Z + 0.044715 * Z**3))),
    "tanh": np.tanh(Z),
    "sigmoid": 1 / (1 + np.exp(-Z)),
    "linear": Z,
}


def applied(name: str, z: np.ndarray) -> np.ndarray:
    a = np.empty_like(z)
    ACTIVATIONS[name].forward(z, a)
    return a


@pytest.mark.parametrize("name", EXPECTED)
def test_the_values_are_those_of_the_textbook(name: str) -> None:
    np.testing.assert_allclose(applied(name, Z), EXPECTED[name], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", EXPECTED)
def test_those_called_monotone_never_fall(name: str) -> None:
    never_falls = bool((np.diff(applied(name, np.linspace(-5, 5, 101))) >= 0).all())

    assert never_falls == (name in MONOTONE)


@pytest.mark.parametrize("name", EXPECTED)
def test_the_derivative_agrees_with_finite_differences(name: str) -> None:
    step = 1e-6
    expected = (applied(name, Z + step) - applied(name, Z - step)) / (2 * step)
    delta = np.full_like(Z, 3.0)

    ACTIVATIONS[name].backward(Z.copy(), applied(name, Z), delta)

    np.testing.assert_allclose(delta, 3 * expected, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_nothing_overflows_at_extreme_inputs(name: str) -> None:
    z = np.array([-1e4, 1e4], np.float32)
    a, delta = applied(name, z), np.ones(2, np.float32)
    assert np.isfinite(a).all()

    ACTIVATIONS[name].backward(z, a, delta)

    assert np.isfinite(delta).all()


def test_softmax_gives_probabilities_even_of_huge_logits() -> None:
    probabilities = softmax(np.array([[1e4, 0.0, -1e4], [1.0, 1.0, 1.0]], np.float32))
    np.testing.assert_allclose(probabilities, [[1.0, 0.0, 0.0], [1 / 3, 1 / 3, 1 / 3]], rtol=1e-6)


def test_softmax_may_write_over_its_input() -> None:
    z = np.log(np.array([[1.0, 2.0, 5.0]]))
    assert softmax(z, out=z) is z
    np.testing.assert_allclose(z, [[0.125, 0.25, 0.625]])


def test_softmax_is_the_only_one_that_is_not_element_by_element() -> None:
    assert set(ACTIVATIONS) - set(EXPECTED) == {"softmax"}


def test_the_derivative_of_softmax_agrees_with_finite_differences() -> None:
    z = np.random.default_rng(0).normal(size=(2, 3, 5))
    delta = np.random.default_rng(1).normal(size=z.shape)

    found = delta.copy()
    ACTIVATIONS["softmax"].backward(z.copy(), applied("softmax", z), found)

    for place in np.ndindex(*z.shape):
        shift = np.zeros_like(z)
        shift[place] = 1e-6
        slope = (applied("softmax", z + shift) - applied("softmax", z - shift)) / 2e-6
        np.testing.assert_allclose(found[place], (delta * slope).sum(), rtol=1e-6, atol=1e-9)
