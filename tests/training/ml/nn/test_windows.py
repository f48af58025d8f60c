"""Where a kernel is put on an image, and what it sees there."""

import numpy as np
import pytest

from training.ml.nn.windows import Windows, places

FLOAT64 = np.dtype(np.float64)


@pytest.mark.parametrize(
    ("extent", "kernel", "strides", "expected"),
    [(28, 3, 1, (26, 0, 0)), (28, 5, 2, (12, 0, 0)), (5, 5, 3, (1, 0, 0)), (6, 2, 4, (2, 0, 0))],
)
def test_valid_places_are_those_within_the_image(
    extent: int, kernel: int, strides: int, expected: tuple[int, int, int]
) -> None:
    assert places(extent, kernel, strides, "valid") == expected


@pytest.mark.parametrize(
    ("extent", "kernel", "strides", "expected"),
    [
        (28, 3, 1, (28, 1, 1)),
        (28, 4, 1, (28, 1, 2)),
        (28, 3, 2, (14, 0, 1)),
        (7, 3, 2, (4, 1, 1)),
        (5, 2, 3, (2, 0, 0)),
        (5, 1, 2, (3, 0, 0)),
    ],
)
def test_same_padding_puts_the_smaller_half_of_the_zeros_first(
    extent: int, kernel: int, strides: int, expected: tuple[int, int, int]
) -> None:
    assert places(extent, kernel, strides, "same") == expected


@pytest.mark.parametrize("channels", [1, 4])  # the two layouts in memory
def test_each_row_is_what_the_kernel_sees(channels: int) -> None:
    x = np.random.default_rng(0).normal(size=(2, 5, 6, channels))
    windows = Windows(2, (5, 6, channels), (3, 2), FLOAT64, strides=1, padding="valid")

    matrix = windows.read(x)

    rows = [x[n, i : i + 3, j : j + 2].ravel() for n in range(2) for i in range(3) for j in range(5)]
    np.testing.assert_array_equal(matrix, rows)


@pytest.mark.parametrize("channels", [1, 4])
def test_by_planes_the_rows_come_in_the_order_of_the_pool(channels: int) -> None:
    x = np.random.default_rng(0).normal(size=(2, 5, 7, channels))
    windows = Windows(
        2, (5, 7, channels), (2, 2), FLOAT64, strides=1, padding="valid", pool_size=2, by_planes=True
    )

    matrix = windows.read(x)

    rows = [
        x[n, i : i + 2, j : j + 2].ravel()
        for a, b in np.ndindex(2, 2)
        for n in range(2)
        for i in (a, a + 2)
        for j in (b, b + 2, b + 4)
    ]
    np.testing.assert_array_equal(matrix, rows)


def test_the_zeros_around_the_images_are_still_there_after_the_way_back() -> None:
    x = np.ones((1, 3, 3, 1))
    windows = Windows(1, (3, 3, 1), (3, 3), FLOAT64, strides=1, padding="same")
    before = windows.read(x).copy()

    windows.spread(np.ones((9, 1)), np.ones((3, 3, 1, 1)), np.empty_like(x))

    np.testing.assert_array_equal(windows.read(x), before)
