"""The sheet of paper in a photo: found on a table, and nowhere else."""

import numpy as np
import pytest
from scipy import ndimage

from digits.photos.paper import alone
from digits.photos.segmentation import scan
from tests.digits.photos.test_segmentation import FOUR, ONE, SEVEN, page


def on_table(grey, table, angle=0.0, margin=120):
    """A sheet turned by an angle (degrees) on a grained table of that shade, as uint8."""
    chance = np.random.default_rng(0)
    wide = np.pad(grey.astype(float) + 1, margin)
    wide = ndimage.rotate(wide, angle, reshape=False, order=0)
    grain = table + 10 * np.sin(np.indices(wide.shape)[0] / 7) + chance.normal(0, 4, wide.shape)
    return np.clip(np.where(wide > 0, wide - 1, grain), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("angle", [0, 7, -12])
@pytest.mark.parametrize("table", [20, 90, 150])
def test_a_sheet_on_a_darker_table_is_all_that_is_read(table, angle):
    found = scan(on_table(page([ONE, SEVEN, FOUR], [SEVEN, ONE]), table, angle))
    assert [len(line) for line in found] == [3, 2]


def test_a_blackboard_on_a_white_wall_too():
    board = on_table(page([SEVEN, FOUR], paper=45, ink=230), 215, 3)
    assert [len(line) for line in scan(board)] == [2]


def test_a_sheet_may_reach_beyond_the_picture():
    corner = on_table(page([ONE, SEVEN, FOUR]), 50)[:-200, :-200]
    assert [len(line) for line in scan(corner)] == [3]


def shadow(grey):
    """A soft shadow over its right half."""
    across = np.indices(grey.shape)[1] / grey.shape[1]
    return (grey * (1 - 0.5 / (1 + np.exp(-12 * (across - 0.5))))).astype(np.uint8)


def lamp(grey):
    """Light in the middle that fades towards the corners."""
    y, x = np.indices(grey.shape) / np.array(grey.shape)[:, None, None] - 0.5
    return (grey * np.exp(-4 * (x * x + y * y))).astype(np.uint8)


def hard_shadow(grey):
    """A hand's or a phone's, with a sharp edge."""
    return np.where(np.indices(grey.shape)[1] > grey.shape[1] / 2, grey * 0.6, grey).astype(np.uint8)


@pytest.mark.parametrize("light", [lambda grey: grey, shadow, lamp, hard_shadow])
@pytest.mark.parametrize("shades", [{}, {"paper": 25, "ink": 230}])
def test_paper_that_fills_the_picture_stays_as_it_is(light, shades):
    grey = light(page([ONE, SEVEN, FOUR], [SEVEN, ONE], **shades))
    assert alone(grey) is grey


@pytest.mark.parametrize("grey", [np.zeros((8, 8), np.uint8), np.full((1600, 8), 255, np.uint8)])
def test_plain_and_narrow_pictures_have_none(grey):
    assert alone(grey) is grey


def test_a_single_thick_digit_is_no_sheet():
    grey = page([SEVEN], pen=26, size=(180, 200))
    assert alone(grey) is grey
