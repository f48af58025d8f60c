import numpy as np
import pytest

from digits.datasets import Dataset
from digits.ink.bitmap import normalise


def test_ink_of_any_size_fills_twenty_pixels_around_its_centre_of_mass() -> None:
    ink = np.zeros((300, 200))
    ink[40:240, 90:110] = 1  # 200 × 20: a one
    image = normalise(ink, 0.4)
    assert image.shape == (28, 28)
    rows, columns = np.nonzero(image)
    assert (rows.min(), rows.max(), np.ptp(columns) + 1) == (4, 23, 2)
    assert image.sum() == 20 * 2 * 255


def test_images_of_the_dataset_come_back_nearly_as_they_were(real: Dataset) -> None:
    images = real.test.images[:200]
    large = np.kron(images, np.ones((5, 5))) / 255  # (200, 140, 140)
    moved = np.pad(large, ((0, 0), (10, 60), (70, 3)))
    again = np.stack([normalise(ink, 0.05) for ink in moved])
    assert np.abs(again.astype(float) - images).mean() < 3


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (500, 1), (2, 1000)])
def test_dots_and_lines_stay_inside(shape: tuple[int, int]) -> None:
    assert normalise(np.ones(shape), 0.4).max() == 255


def test_ink_whose_mass_lies_at_one_end_stays_inside() -> None:
    ink = np.full((100, 100), 0.05)
    ink[:5, :5] = 1
    ink[-1, -1] = 0.5
    assert np.count_nonzero(normalise(ink, 0.4)) == 400
