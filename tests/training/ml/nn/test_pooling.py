"""Pools against a loop over their windows, and their way back against finite differences."""

from collections.abc import Callable

import numpy as np
import pytest

from training.ml.nn.arrays import Floats
from training.ml.nn.pooling import AveragePool, MaxPool

FLOAT64 = np.dtype(np.float64)
CASES = [(MaxPool, np.max), (AveragePool, np.mean)]
SHAPES = [((4, 4, 2), 2), ((5, 7, 3), 2), ((7, 5, 1), 3), ((3, 3, 2), 1), ((4, 4, 1), 4)]


def pooled(x: Floats, size: int, reduce: Callable[..., Floats]) -> Floats:
    """What the pool should give, window by window."""
    n, h, w, c = x.shape
    y = np.empty((n, h // size, w // size, c))
    for i, j in np.ndindex(h // size, w // size):
        window = x[:, i * size : (i + 1) * size, j * size : (j + 1) * size]  # (n, size, size, c)
        y[:, i, j] = reduce(window, axis=(1, 2))
    return y


@pytest.mark.parametrize(("shape", "size"), SHAPES)
@pytest.mark.parametrize(("kind", "reduce"), CASES)
def test_a_pool_reduces_each_whole_window(
    kind: type[MaxPool | AveragePool], reduce: Callable[..., Floats], shape: tuple[int, int, int], size: int
) -> None:
    x = np.random.default_rng(0).normal(size=(3, *shape))

    for training in (True, False):
        y = kind(3, shape, size, FLOAT64, training=training).forward(x)

        np.testing.assert_allclose(y, pooled(x, size, reduce), rtol=1e-12)


@pytest.mark.parametrize(("shape", "size"), SHAPES)
@pytest.mark.parametrize(("kind", "reduce"), CASES)
def test_the_way_back_agrees_with_finite_differences(
    kind: type[MaxPool | AveragePool], reduce: Callable[..., Floats], shape: tuple[int, int, int], size: int
) -> None:
    random = np.random.default_rng(0)
    x = random.permutation(3 * np.prod(shape)).reshape(3, *shape).astype(float)  # no ties
    pool = kind(3, shape, size, FLOAT64, training=True)
    delta = random.normal(size=pool.forward(x).shape)

    x_gradient = pool.backward(delta.copy())

    for place in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[place] = 0.25
        change = pooled(x + step, size, reduce) - pooled(x - step, size, reduce)
        assert x_gradient[place] == pytest.approx((delta * change).sum() / 0.5, abs=1e-9)


def test_of_equal_maxima_the_first_gets_the_blame() -> None:
    x = np.array([[1.0, 2.0, 3.0, 3.0], [2.0, 2.0, 3.0, 3.0]]).reshape(1, 2, 4, 1)
    pool = MaxPool(1, (2, 4, 1), 2, FLOAT64, training=True)
    pool.forward(x)

    x_gradient = pool.backward(np.array([5.0, 7.0]).reshape(1, 1, 2, 1))

    np.testing.assert_array_equal(x_gradient[0, :, :, 0], [[0, 5, 7, 0], [0, 0, 0, 0]])


@pytest.mark.parametrize("kind", [MaxPool, AveragePool])
def test_the_dropped_edge_gets_no_blame_even_if_someone_wrote_there(
    kind: type[MaxPool | AveragePool],
) -> None:
    pool = kind(1, (3, 3, 1), 2, FLOAT64, training=True)
    pool.forward(np.ones((1, 3, 3, 1)))
    pool.backward(np.ones((1, 1, 1, 1)))[...] = 9

    x_gradient = pool.backward(np.ones((1, 1, 1, 1)))

    assert x_gradient.sum() == 1
    assert not x_gradient[:, 2].any()
    assert not x_gradient[:, :, 2].any()


@pytest.mark.parametrize("kind", [MaxPool, AveragePool])
def test_a_pool_keeps_the_type_of_its_numbers(kind: type[MaxPool | AveragePool]) -> None:
    pool = kind(1, (2, 2, 1), 2, np.dtype(np.float32), training=True)

    assert pool.forward(np.ones((1, 2, 2, 1), np.float32)).dtype == np.float32
    assert pool.backward(np.ones((1, 1, 1, 1), np.float32)).dtype == np.float32
