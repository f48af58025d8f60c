"""Batch normalisation against its formula and finite differences, in float64."""

import numpy as np
import pytest

from training.ml.nn import normalization
from training.ml.nn.normalization import BatchNormalize

RANDOM = np.random.default_rng(0)
SHAPES = [(7, 4), (5, 3, 2, 4), (1, 6, 4)]


def tensors(channels: int) -> dict[str, np.ndarray]:
    return {
        "gamma": 1 + RANDOM.normal(size=channels) / 4,
        "beta": RANDOM.normal(size=channels),
        "mean": RANDOM.normal(size=channels),
        "variance": 1 + RANDOM.random(channels),
    }


def learner(shape: tuple[int, ...], own: dict[str, np.ndarray]) -> BatchNormalize:
    gradients = {name: np.full(shape[-1], np.nan) for name in ("gamma", "beta")}
    return BatchNormalize(shape[0], shape[1:], own, gradients, training=True)


def moments(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    numbers = x.reshape(-1, x.shape[-1])
    return numbers.mean(axis=0), numbers.var(axis=0)


@pytest.mark.parametrize("shape", SHAPES)
def test_training_normalises_each_channel_by_the_batch(shape: tuple[int, ...]) -> None:
    own, x = tensors(shape[-1]), RANDOM.normal(3, 2, shape)
    mean, variance = moments(x)

    y = learner(shape, own).forward(x)

    expected = own["gamma"] * (x - mean) / np.sqrt(variance + 1e-3) + own["beta"]
    np.testing.assert_allclose(y, expected, rtol=1e-10)


def test_the_running_statistics_move_a_tenth_of_the_way() -> None:
    own, x = tensors(4), RANDOM.normal(3, 2, (50, 4))
    before = {name: own[name].copy() for name in ("mean", "variance")}
    mean, variance = moments(x)

    learner((50, 4), own).forward(x)

    np.testing.assert_allclose(own["mean"], 0.9 * before["mean"] + 0.1 * mean)
    np.testing.assert_allclose(own["variance"], 0.9 * before["variance"] + 0.1 * variance)


def test_prediction_uses_the_running_statistics_and_leaves_them() -> None:
    own, x = tensors(4), RANDOM.normal(size=(5, 3, 2, 4))
    before = {name: tensor.copy() for name, tensor in own.items()}

    y = BatchNormalize(5, (3, 2, 4), own, None, training=False).forward(x)

    expected = own["gamma"] * (x - own["mean"]) / np.sqrt(own["variance"] + 1e-3) + own["beta"]
    np.testing.assert_allclose(y, expected, rtol=1e-10)
    for name, tensor in own.items():
        np.testing.assert_array_equal(tensor, before[name])


@pytest.mark.parametrize("shape", SHAPES)
def test_gradients_agree_with_finite_differences(shape: tuple[int, ...]) -> None:
    own, x, delta = tensors(shape[-1]), RANDOM.normal(size=shape), RANDOM.normal(size=shape)
    layer, step = learner(shape, own), 1e-6

    def slopes(array: np.ndarray) -> np.ndarray:
        found = np.empty_like(array)
        for index in np.ndindex(*array.shape):
            here, costs = array[index], []
            for shift in (step, -step):
                array[index] = here + shift
                costs.append((layer.forward(x) * delta).sum())
            array[index] = here
            found[index] = (costs[0] - costs[1]) / (2 * step)
        return found

    expected = {"x": slopes(x), "gamma": slopes(own["gamma"]), "beta": slopes(own["beta"])}
    layer.forward(x)
    found = {"x": layer.backward(delta.copy()), **layer.gradients}
    for name, array in expected.items():
        np.testing.assert_allclose(found[name], array, rtol=1e-6, atol=1e-7)


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    shape = (9, 3, 2, 4)
    own, x, delta = tensors(4), RANDOM.normal(size=shape), RANDOM.normal(size=shape)
    answers = []
    for block in (2**18, 1):
        monkeypatch.setattr(normalization, "BLOCK", block)
        layer = learner(shape, own)
        answers.append((layer.forward(x), layer.backward(delta.copy()), layer.gradients["gamma"]))

    for whole, parts in zip(*answers, strict=True):
        np.testing.assert_allclose(parts, whole, rtol=1e-10, atol=1e-12)


def test_a_channel_that_never_changes_stays_finite() -> None:
    layer = learner((6, 4), tensors(4))
    assert np.isfinite(layer.forward(np.full((6, 4), 7.0))).all()
    assert np.isfinite(layer.backward(np.ones((6, 4)))).all()
