import numpy as np

from digits.ink.strokes import normalise
from tests.digits.ink_vectors import cases
from training.ml.starter.warping import distorted, matrices, warped

DIGITS = ["zero", "two", "four in two strokes", "seven", "eight in fractions of the canvas"]


def images(copies=40):
    return np.stack([normalise(*cases()[name]).pixels for name in DIGITS] * copies)  # (n, 28, 28)


def sides(image):
    ink = image >= 128
    return [int(np.ptp(np.flatnonzero(ink.any(axis=axis)))) + 1 for axis in (0, 1)]


def test_warped_images_keep_the_convention_of_mnist():
    moved = warped(images(), np.random.default_rng(0))

    larger = np.array([max(sides(image)) for image in moved])
    rows, columns = np.indices((28, 28))
    masses = moved.sum(axis=(1, 2))
    centres = np.stack([(moved * axis).sum(axis=(1, 2)) / masses for axis in (rows, columns)])
    assert abs(larger.mean() - 20) < 0.7
    assert larger.std() < 1.5
    assert np.abs(centres.mean(axis=1) - 14).max() < 0.3
    assert centres.std() < 1


def test_every_image_is_warped_in_its_own_way():
    moved = warped(images(copies=3), np.random.default_rng(0))

    assert len({image.tobytes() for image in moved}) == len(moved)


def test_the_same_seed_warps_and_distorts_alike():
    strokes = [np.array(stroke) for stroke in cases()["four in two strokes"][0]]
    first, second = (np.random.default_rng(5) for _ in range(2))

    assert np.array_equal(warped(images(2), first), warped(images(2), second))
    for one, other in zip(distorted(strokes, first), distorted(strokes, second), strict=True):
        assert np.array_equal(one, other)


def test_paper_stays_paper():
    assert not warped(np.zeros((3, 28, 28), np.uint8), np.random.default_rng(0)).any()


def test_matrices_keep_the_area():
    assert np.allclose(np.linalg.det(matrices(50, np.random.default_rng(0))), 1, atol=1e-5)


def test_distorted_strokes_keep_their_points_and_about_their_shape():
    strokes = [np.array(stroke) for stroke in cases()["four in two strokes"][0]]
    before = normalise(strokes).pixels.ravel()

    generator = np.random.default_rng(0)
    after = [distorted(strokes, generator) for _ in range(20)]

    assert all([len(stroke) for stroke in moved] == [3, 2] for moved in after)
    alike = [np.corrcoef(before, normalise(moved).pixels.ravel())[0, 1] for moved in after]
    assert 0.3 < np.mean(alike) < 0.95


def test_a_tap_can_be_distorted():
    (dot,) = distorted([np.array([[0.5, 0.5]])], np.random.default_rng(0))

    assert dot.shape == (1, 2)
    assert np.isfinite(dot).all()
