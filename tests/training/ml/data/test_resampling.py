import numpy as np
import pytest
from scipy.ndimage import affine_transform, map_coordinates

from digits.ink.strokes import normalise
from tests.digits.ink_vectors import cases
from training.ml.data.resampling import AFFINE, X, Y, resampled

IDENTITY = np.array([[[1, 0, 14]], [[0, 1, 14]]], np.float32)  # (2, 1, 3)


@pytest.fixture
def two():
    return normalise(*cases()["two"]).pixels[None]  # (1, 28, 28)


def affine(matrix, origin):
    """Coefficients (2, 1, 3) of the place matrix · (x, y) + origin."""
    return np.column_stack([matrix, origin]).astype(np.float32)[:, None]


def test_the_same_places_give_the_same_image_to_the_bit(two):
    assert np.array_equal(resampled(two, IDENTITY), two)


def test_an_affine_map_agrees_with_scipy(two):
    generator = np.random.default_rng(0)
    for _ in range(50):
        matrix = np.eye(2) + generator.uniform(-0.4, 0.4, (2, 2))  # of (x, y)
        origin = 14 + generator.uniform(-4, 4, 2)
        swapped = matrix[::-1, ::-1]  # of (row, column)
        expected = affine_transform(
            np.pad(two[0].astype(float), 2),  # SciPy drops what lies half outside
            swapped,
            offset=2 + origin[::-1] - swapped @ [16, 16],
            order=1,
        )[2:-2, 2:-2]

        seen = resampled(two, affine(matrix, origin))[0]

        assert np.abs(seen - expected).max() <= 1


def test_a_bend_agrees_with_scipy(two):
    waves = np.stack([np.sin(X / 3), np.cos(Y / 4)]).astype(np.float32)  # (2, 784)
    coefficients = np.concatenate([IDENTITY, [[[0.8, 0.3]], [[-0.5, 1.1]]]], axis=2).astype(np.float32)

    seen = resampled(two, coefficients, np.concatenate([AFFINE, waves]))[0]

    x = X + 14 + 0.8 * waves[0] + 0.3 * waves[1]
    y = Y + 14 - 0.5 * waves[0] + 1.1 * waves[1]
    expected = map_coordinates(np.pad(two[0].astype(float), 2), [y + 2, x + 2], order=1)
    assert np.abs(seen.ravel() - expected).max() <= 1


def test_what_leaves_the_image_does_not_come_back_on_the_other_side():
    black = np.full((1, 28, 28), 255, np.uint8)

    right = resampled(black, affine(np.eye(2), [14 - 10, 14]))[0]
    gone = resampled(black, affine(np.eye(2), [14 - 1000, 14 + 1000]))[0]

    assert not right[:, :10].any()
    assert (right[:, 10:] == 255).all()
    assert not gone.any()


def test_each_image_goes_its_own_way():
    images = np.zeros((3, 28, 28), np.uint8)
    images[:, 14, 14] = [50, 100, 200]
    coefficients = np.repeat(IDENTITY, 3, axis=1)
    coefficients[0, :, 2] -= [0, 1, 13]  # the last one up to the edge

    moved = resampled(images, coefficients)

    assert [moved[0, 14, 14], moved[1, 14, 15], moved[2, 14, 27]] == [50, 100, 200]
    assert moved.astype(int).sum(axis=(1, 2)).tolist() == [50, 100, 200]
