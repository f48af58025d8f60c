"""How weights start."""

import numpy as np
import pytest

from training.ml.nn.initializers import INITIALIZERS, fans

INPUTS, UNITS = 784, 400
DEVIATIONS = {
    "he_normal": np.sqrt(2 / INPUTS),
    "he_uniform": np.sqrt(2 / INPUTS),  # a uniform's deviation is its limit / √3
    "glorot_normal": np.sqrt(2 / (INPUTS + UNITS)),
    "glorot_uniform": np.sqrt(2 / (INPUTS + UNITS)),
    "lecun_normal": np.sqrt(1 / INPUTS),
    "lecun_uniform": np.sqrt(1 / INPUTS),
    "orthogonal": np.sqrt(1 / INPUTS),  # columns have the length 1
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


@pytest.mark.parametrize("name", ["he_uniform", "glorot_uniform", "lecun_uniform", "uniform"])
def test_uniform_weights_stay_within_their_limit(name: str) -> None:
    weights = INITIALIZERS[name](np.random.default_rng(0), (INPUTS, UNITS))
    assert np.abs(weights).max() == pytest.approx(DEVIATIONS[name] * np.sqrt(3), rel=1e-3)


@pytest.mark.parametrize(
    ("shape", "expected"), [((784, 30), (784, 30)), ((3, 5, 16, 32), (240, 480)), ((7,), (7, 7))]
)
def test_fans_count_the_positions_of_a_filter(shape: tuple[int, ...], expected: tuple[int, int]) -> None:
    assert fans(shape) == expected


def test_filters_spread_by_what_they_read() -> None:
    weights = INITIALIZERS["he_normal"](np.random.default_rng(0), (5, 5, 32, 64))
    assert weights.shape == (5, 5, 32, 64)
    assert weights.std() == pytest.approx(np.sqrt(2 / 800), rel=0.01)


@pytest.mark.parametrize("shape", [(60, 60), (90, 20), (20, 90), (3, 3, 8, 16)])
def test_orthogonal_rows_or_columns_are_orthonormal(shape: tuple[int, ...]) -> None:
    weights = INITIALIZERS["orthogonal"](np.random.default_rng(0), shape)

    assert (weights.shape, weights.dtype, weights.flags.c_contiguous) == (shape, np.float32, True)
    matrix = weights.reshape(-1, shape[-1])
    product = matrix @ matrix.T if len(matrix) < shape[-1] else matrix.T @ matrix
    np.testing.assert_allclose(product, np.eye(len(product)), atol=1e-5)


def test_an_orthogonal_start_may_mirror_as_well_as_turn() -> None:
    generator = np.random.default_rng(0)
    signs = {round(float(np.linalg.det(INITIALIZERS["orthogonal"](generator, (3, 3))))) for _ in range(20)}
    assert signs == {-1, 1}


@pytest.mark.parametrize("name", INITIALIZERS)
def test_the_same_generator_draws_the_same_weights(name: str) -> None:
    first, second = (INITIALIZERS[name](np.random.default_rng(7), (5, 4)) for _ in range(2))
    np.testing.assert_array_equal(first, second)
