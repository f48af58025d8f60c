"""Recurrent layers against the published equations, written out for one image, and finite differences in float64."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from training.ml.nn.activations import ACTIVATIONS
from training.ml.nn.recurrent import Gru, Lstm, Recurrent, SimpleRnn

ROWS, STEPS, FEATURES, UNITS = 4, 5, 3, 6
RANDOM = np.random.default_rng(0)
Tensors = dict[str, np.ndarray]


def sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


def simple_rnn(x: np.ndarray, t: Tensors) -> list[np.ndarray]:
    h, states = np.zeros(UNITS), []
    for step in x:
        h = np.tanh(step @ t["weight"] + h @ t["recurrent"] + t["bias"])
        states.append(h)
    return states


def gru(x: np.ndarray, t: Tensors) -> list[np.ndarray]:
    h, states = np.zeros(UNITS), []
    for step in x:
        x_z, x_r, x_h = np.split(step @ t["weight"] + t["bias"], 3)
        h_z, h_r, h_h = np.split(h @ t["recurrent"] + t["recurrent_bias"], 3)
        z, r = sigmoid(x_z + h_z), sigmoid(x_r + h_r)
        h = z * h + (1 - z) * np.tanh(x_h + r * h_h)
        states.append(h)
    return states


def lstm(x: np.ndarray, t: Tensors) -> list[np.ndarray]:
    h, c, states = np.zeros(UNITS), np.zeros(UNITS), []
    for step in x:
        i, f, g, o = np.split(step @ t["weight"] + h @ t["recurrent"] + t["bias"], 4)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        states.append(h)
    return states


KINDS: list[tuple[type[Recurrent], Callable[[np.ndarray, Tensors], list[np.ndarray]], int]] = [
    (SimpleRnn, simple_rnn, 1),
    (Gru, gru, 3),
    (Lstm, lstm, 4),
]
kinds = pytest.mark.parametrize(("kind", "equations", "gates"), KINDS)
sequences = pytest.mark.parametrize("return_sequences", [False, True])


def tensors(gates: int) -> Tensors:
    made = {
        "weight": RANDOM.normal(size=(FEATURES, gates * UNITS)) / 2,
        "recurrent": RANDOM.normal(size=(UNITS, gates * UNITS)) / 2,
        "bias": RANDOM.normal(size=gates * UNITS) / 2,
    }
    return made | ({"recurrent_bias": RANDOM.normal(size=gates * UNITS) / 2} if gates == 3 else {})


def learner(kind: type[Recurrent], own: Tensors, **options: Any) -> Recurrent:
    gradients = {name: np.full_like(tensor, np.nan) for name, tensor in own.items()}
    return kind(ROWS, (STEPS, FEATURES), own, gradients, **options)


def check_gradients(layer: Recurrent, own: Tensors, x: np.ndarray) -> None:
    step, delta = 1e-6, RANDOM.normal(size=layer.forward(x).shape)
    layer.forward(x)
    found = {"x": layer.backward(delta.copy()), **layer.gradients}
    found = {name: array.copy() for name, array in found.items()}
    for name, array in {"x": x, **own}.items():
        for index in np.ndindex(*array.shape):
            here, costs = array[index], []
            for shift in (step, -step):
                array[index] = here + shift
                costs.append((layer.forward(x) * delta).sum())
            array[index] = here
            slope = (costs[0] - costs[1]) / (2 * step)
            assert found[name][index] == pytest.approx(slope, rel=1e-5, abs=1e-8), name


@kinds
@sequences
def test_the_states_are_those_of_the_equations(
    kind: type[Recurrent],
    equations: Callable[[np.ndarray, Tensors], list[np.ndarray]],
    gates: int,
    return_sequences: bool,
) -> None:
    own, x = tensors(gates), RANDOM.normal(size=(ROWS, STEPS, FEATURES))

    y = learner(kind, own, return_sequences=return_sequences).forward(x)

    states = np.array([equations(image, own) for image in x])  # (rows, steps, units)
    np.testing.assert_allclose(y, states if return_sequences else states[:, -1], rtol=1e-10)
    assert y.flags.c_contiguous


@kinds
@sequences
def test_gradients_agree_with_finite_differences(
    kind: type[Recurrent], equations: object, gates: int, return_sequences: bool
) -> None:
    own = tensors(gates)
    layer = learner(kind, own, return_sequences=return_sequences)
    check_gradients(layer, own, RANDOM.normal(size=(ROWS, STEPS, FEATURES)))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_simple_rnn_may_have_any_activation(activation: str) -> None:
    own, x = tensors(1), RANDOM.normal(size=(ROWS, STEPS, FEATURES))
    layer = learner(SimpleRnn, own, activation=activation)

    z = x[:, 0] @ own["weight"] + own["bias"]
    first = np.empty_like(z)
    ACTIVATIONS[activation].forward(z, first)
    seen = learner(SimpleRnn, own, activation=activation, return_sequences=True).forward(x)
    np.testing.assert_allclose(seen[:, 0], first, rtol=1e-10)
    check_gradients(layer, own, x)


@kinds
@sequences
def test_a_prediction_is_the_way_forward_of_training(
    kind: type[Recurrent], equations: object, gates: int, return_sequences: bool
) -> None:
    own, x = tensors(gates), RANDOM.normal(size=(ROWS, STEPS, FEATURES))
    predictor = kind(ROWS, (STEPS, FEATURES), own, None, return_sequences=return_sequences)
    trained = learner(kind, own, return_sequences=return_sequences)

    predictor.forward(RANDOM.normal(size=x.shape))  # which must leave no trace

    np.testing.assert_array_equal(predictor.forward(x), trained.forward(x))


@kinds
def test_a_prediction_needs_no_memory_for_each_step(
    kind: type[Recurrent], equations: object, gates: int
) -> None:
    predictor = kind(ROWS, (STEPS, FEATURES), tensors(gates), None)
    assert all(np.shares_memory(array, predictor.values[0]) for array in predictor.values)


@kinds
def test_the_first_layer_learns_the_same_without_a_gradient_of_the_image(
    kind: type[Recurrent], equations: object, gates: int
) -> None:
    own, x = tensors(gates), RANDOM.normal(size=(ROWS, STEPS, FEATURES))
    found = []
    for is_first in (False, True):
        layer = learner(kind, own, is_first=is_first)
        layer.forward(x)
        layer.backward(np.ones((ROWS, UNITS)))
        found.append(layer.gradients)

    for name in own:
        np.testing.assert_array_equal(found[0][name], found[1][name])


@kinds
def test_changed_tensors_count_at_once(kind: type[Recurrent], equations: Any, gates: int) -> None:
    own, x = tensors(gates), RANDOM.normal(size=(ROWS, STEPS, FEATURES))
    layer = learner(kind, own)
    layer.forward(x)

    for tensor in own.values():
        tensor *= 0.5

    expected = [equations(image, own)[-1] for image in x]
    np.testing.assert_allclose(layer.forward(x), expected, rtol=1e-10)


@kinds
def test_nothing_overflows_at_extreme_inputs(kind: type[Recurrent], equations: object, gates: int) -> None:
    own = {name: tensor.astype(np.float32) for name, tensor in tensors(gates).items()}
    layer = learner(kind, own)

    y = layer.forward(np.full((ROWS, STEPS, FEATURES), 1e4, np.float32))

    assert y.dtype == np.float32
    assert np.isfinite(y).all()
    assert np.isfinite(layer.backward(np.ones_like(y))).all()
