"""How weights start."""

import numpy as np
import pytest

from training.nn.initializers import INITIALIZERS

INPUTS, UNITS = 784, 400
DEVIATIONS = {
    "he_normal": np.sqrt(2 / INPUTS),
    "he_uniform": np.sqrt(2 / INPUTS),  # a uniform's deviation is its limit / √3
    "glorot_normal": np.sqrt(2 / (INPUTS + UNITS)),
    "glorot_uniform": np.sqrt(2 / (INPUTS + UNITS)),
    "normal": 0.05,
    "uniform": 0.05 / np.sqrt(3),
    "zeros": 0.0,
}


@pytest.mark.parametrize("name", INITIALIZERS)
def test_weights_are_centred_with_the_spread_of_their_kind(name: str) -> None:
    weights = INITIALIZERS[name](np.random.default_rng(0), (INPUTS, UNITS))

    assert weights.shape == (INPUTS, UNITS)
    assert weights.dtype == np.float32
    assert abs(weights.mean()) < 1e-3
    assert weights.std() == pytest.approx(DEVIATIONS[name], rel=0.01)


@pytest.mark.parametrize("name", ["he_uniform", "glorot_uniform", "uniform"])
def test_uniform_weights_stay_within_their_limit(name: str) -> None:
    weights = INITIALIZERS[name](np.random.default_rng(0), (INPUTS, UNITS))
    assert np.abs(weights).max() == pytest.approx(DEVIATIONS[name] * np.sqrt(3), rel=1e-3)


@pytest.mark.parametrize("name", INITIALIZERS)
def test_the_same_generator_draws_the_same_weights(name: str) -> None:
    first, second = (INITIALIZERS[name](np.random.default_rng(7), (5, 4)) for _ in range(2))
    np.testing.assert_array_equal(first, second)
