"""Convolution against a loop over its places, and its way back against finite differences, in float64."""

from collections.abc import Iterator
from dataclasses import dataclass
from unittest import mock

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from training.ml.nn import convolution, parallel
from training.ml.nn.arrays import Floats
from training.ml.nn.convolution import Convolve
from training.ml.nn.parallel import PARTS
from training.ml.nn.pooling import MaxPool
from training.ml.nn.windows import places


@dataclass(frozen=True)
class Case:
    """A convolution, small but general."""

    rows: int
    height: int
    width: int
    channels: int
    filters: int
    kernel: tuple[int, int]
    strides: int
    padding: str

    def draw(self) -> tuple[Floats, Floats, Floats]:
        """x, weight and bias."""
        random = np.random.default_rng(0)
        x = random.normal(size=(self.rows, *self.shape))
        weight = random.normal(size=(*self.kernel, self.channels, self.filters))
        return x, weight, random.normal(size=self.filters)

    @property
    def shape(self) -> tuple[int, int, int]:
        return self.height, self.width, self.channels

    def fits(self, pool_size: int = 1) -> bool:
        extents = zip((self.height, self.width), self.kernel, strict=True)
        return all(places(n, k, self.strides, self.padding)[0] >= pool_size for n, k in extents)

    def reference(self, x: Floats, weight: Floats, bias: Floats) -> Floats:
        """y, place by place."""
        kh, kw = self.kernel
        oh, top, bottom = places(self.height, kh, self.strides, self.padding)
        ow, left, right = places(self.width, kw, self.strides, self.padding)
        padded = np.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0)))
        y = np.empty((self.rows, oh, ow, self.filters))
        for i, j in np.ndindex(oh, ow):
            a, b = i * self.strides, j * self.strides
            seen = padded[:, a : a + kh, b : b + kw]  # (rows, kh, kw, c)
            y[:, i, j] = np.einsum("nijc,ijcf->nf", seen, weight) + bias
        return y

    def convolve(
        self, weight: Floats, bias: Floats, pool_size: int = 1, *, is_first: bool = False
    ) -> Convolve:
        return Convolve(
            self.rows,
            self.shape,
            weight,
            bias,
            np.full_like(weight, np.nan),
            np.full_like(bias, np.nan),
            strides=self.strides,
            padding=self.padding,
            pool_size=pool_size,
            is_first=is_first,
        )


CASES = st.builds(
    Case,
    rows=st.integers(1, 5),
    height=st.integers(1, 9),
    width=st.integers(1, 9),
    channels=st.integers(1, 4),
    filters=st.integers(1, 3),
    kernel=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    strides=st.integers(1, 3),
    padding=st.sampled_from(["valid", "same"]),
)
PLAIN = Case(rows=5, height=6, width=7, channels=2, filters=3, kernel=(3, 2), strides=1, padding="valid")


@pytest.fixture(autouse=True)
def small_groups() -> Iterator[None]:
    """So small that a batch has several, the last of them smaller, where shapes are not tiny."""
    with mock.patch.object(convolution, "GROUP", 1000):
        yield


def test_the_plain_case_has_groups_of_two_sizes() -> None:
    _, weight, bias = PLAIN.draw()

    parts = PLAIN.convolve(weight, bias).parts
    sizes = [len(group.y) for part in parts for group in part.groups]

    assert len(parts) == PARTS
    assert sum(sizes) == PLAIN.rows
    assert len(set(sizes)) == 2


@given(CASES.filter(Case.fits))
def test_y_is_what_a_loop_over_the_places_gives(case: Case) -> None:
    x, weight, bias = case.draw()

    y = case.convolve(weight, bias).forward(x)

    np.testing.assert_allclose(y, case.reference(x, weight, bias), rtol=1e-10, atol=1e-12)


@given(CASES.filter(Case.fits))
def test_the_gradients_agree_with_differences(case: Case) -> None:
    # y is linear in each of x, weight and bias: for any step, differences are exact.
    x, weight, bias = case.draw()
    convolve = case.convolve(weight, bias)
    y = convolve.forward(x).copy()
    random = np.random.default_rng(1)
    delta = random.normal(size=y.shape)

    x_gradient = convolve.backward(delta)

    for values, gradient in (
        (x, x_gradient),
        (weight, convolve.gradient.reshape(weight.shape)),
        (bias, convolve.bias_gradient),
    ):
        step = random.normal(size=values.shape)
        moved = [array + step if array is values else array for array in (x, weight, bias)]
        change = (delta * (case.reference(*moved) - y)).sum()
        assert (gradient * step).sum() == pytest.approx(change, rel=1e-8, abs=1e-8)


@given(CASES, st.integers(1, 3), st.booleans())
def test_with_a_pool_it_does_what_convolution_and_max_pool_do(
    case: Case, pool_size: int, is_first: bool
) -> None:
    assume(case.fits(pool_size))
    x, weight, bias = case.draw()
    plain, pooled = case.convolve(weight, bias), case.convolve(weight, bias, pool_size, is_first=is_first)
    pool = MaxPool(case.rows, plain.y.shape[1:], pool_size, np.dtype(np.float64), training=True)

    expected = pool.forward(plain.forward(x))
    y = pooled.forward(x)

    np.testing.assert_allclose(y, expected, rtol=1e-10, atol=1e-12)

    delta = np.random.default_rng(1).normal(size=y.shape)
    expected_x_gradient = plain.backward(pool.backward(delta))
    x_gradient = pooled.backward(delta)

    np.testing.assert_allclose(pooled.gradient, plain.gradient, rtol=1e-9, atol=1e-10)
    np.testing.assert_allclose(pooled.bias_gradient, plain.bias_gradient, rtol=1e-9, atol=1e-10)
    if not is_first:
        np.testing.assert_allclose(x_gradient, expected_x_gradient, rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("pool_size", [1, 2])
def test_without_gradients_only_y_is_made(pool_size: int) -> None:
    x, weight, bias = PLAIN.draw()
    expected = PLAIN.convolve(weight, bias, pool_size).forward(x)

    convolve = Convolve(PLAIN.rows, PLAIN.shape, weight, bias, None, None, pool_size=pool_size)

    np.testing.assert_allclose(convolve.forward(x), expected, rtol=1e-12)
    assert convolve.x_gradient is None
    assert not convolve.won.size


def test_the_first_pass_makes_no_derivative_by_the_image() -> None:
    x, weight, bias = PLAIN.draw()
    first, other = PLAIN.convolve(weight, bias, is_first=True), PLAIN.convolve(weight, bias)
    delta = np.ones_like(other.forward(x))
    first.forward(x)

    first.backward(delta)
    other.backward(delta)

    assert first.x_gradient is None
    np.testing.assert_allclose(first.gradient, other.gradient, rtol=1e-12)


@pytest.mark.parametrize("pool_size", [1, 2])
def test_a_step_repeats_bit_for_bit_on_any_cores_and_leaves_nothing_to_the_next(pool_size: int) -> None:
    x, weight, bias = (array.astype(np.float32) for array in PLAIN.draw())
    convolve = PLAIN.convolve(weight, bias, pool_size)

    def step(x: Floats) -> list[bytes]:
        y = convolve.forward(x)
        x_gradient = convolve.backward(np.ones_like(y))
        return [a.tobytes() for a in (y, x_gradient, convolve.gradient, convolve.bias_gradient)]

    with mock.patch.object(parallel, "cores", return_value=1):
        first = step(x)
    step(-x)

    with mock.patch.object(parallel, "cores", return_value=2):
        assert step(x) == first


def test_it_sees_that_the_parameters_have_moved() -> None:
    x, weight, bias = PLAIN.draw()
    convolve = PLAIN.convolve(weight, bias)
    convolve.forward(x)

    weight *= 2
    bias += 1

    np.testing.assert_allclose(convolve.forward(x), PLAIN.reference(x, weight, bias), rtol=1e-10, atol=1e-12)


def test_a_kernel_larger_than_the_image_is_refused() -> None:
    with pytest.raises(ValueError, match="window"):
        Convolve(1, (4, 4, 1), np.zeros((5, 5, 1, 1)), np.zeros(1), None, None)
