"""Digits found on pictures: by light and shade, in lines, whole, and nothing where nothing is."""

from contextlib import suppress

import numpy as np
import pytest
from PIL import Image, ImageDraw
from scipy import ndimage

from digits import datasets
from digits.photos.decode import PictureError
from digits.photos.segmentation import MOST_DIGITS, scan

# Strokes in a box of 60 × 100 pixels.
ONE = [[(30, 0), (30, 100)]]
FOUR = [[(25, 0), (5, 60), (60, 60)], [(45, 30), (45, 100)]]
SEVEN = [[(0, 0), (60, 0), (20, 100)]]
FIVE = [[(5, 12), (5, 45), (55, 60), (45, 100), (0, 95)], [(12, 0), (60, 0)]]  # its flag is apart


def page(*lines, pen=9, paper=235, ink=40, size=(760, 520)):
    """Lines of digits, 120 pixels from one to the next, as uint8 (height, width)."""
    image = Image.new("L", size, paper)
    draw = ImageDraw.Draw(image)
    for row, line in enumerate(lines):
        for column, strokes in enumerate(line):
            x, y = 50 + 120 * column, 50 + 150 * row
            for stroke in strokes:
                draw.line([(x + u, y + v) for u, v in stroke], ink, pen, joint="curve")
    return np.asarray(image)


def counts(grey):
    return [len(line) for line in scan(grey)]


def test_digits_come_line_by_line_from_left_to_right():
    lines = scan(page([ONE, SEVEN, FOUR], [SEVEN, ONE]))
    assert [len(line) for line in lines] == [3, 2]
    assert [round(found.box.left, -1) for found in lines[0]] == [80, 50 + 120, 50 + 240]
    assert lines[1][0].box.top > lines[0][0].box.bottom


def test_an_image_is_as_those_of_mnist():
    [[found]] = scan(page([SEVEN]))
    image = found.image
    assert image.shape == (28, 28)
    assert image.dtype == np.uint8
    rows, columns = np.nonzero(image > 60)
    assert max(np.ptp(rows), np.ptp(columns)) + 1 == pytest.approx(20, abs=1)
    assert ndimage.center_of_mass(image) == pytest.approx((14, 14), abs=0.6)
    assert image[0].max() == 0


@pytest.mark.parametrize("pen", [1, 3, 9, 20])
def test_thin_and_thick_strokes_become_as_wide_as_those_of_mnist(pen):
    [[found]] = scan(page([ONE], pen=pen))
    assert 1.8 <= (found.image[10:18].sum(axis=1) / 255).mean() <= 4.2


@pytest.mark.parametrize(("paper", "ink"), [(235, 40), (20, 230), (140, 90), (90, 140)])
def test_ink_may_be_dark_or_light_or_faint(paper, ink):
    lines = scan(page([ONE, SEVEN, FOUR], paper=paper, ink=ink))
    assert [len(line) for line in lines] == [3]
    assert all(found.image[0].max() == 0 and found.image.max() > 240 for found in lines[0])


@pytest.mark.parametrize("digits", [[FIVE], [FIVE, ONE, FIVE]])
def test_a_flag_that_is_apart_belongs_to_its_five(digits):
    assert counts(page(digits)) == [len(digits)]


def test_uneven_light_noise_blur_and_a_slant_do_not_matter():
    grey = page([ONE, SEVEN, FOUR, ONE, SEVEN], [FOUR, FOUR, ONE]).astype(float)
    grey = ndimage.gaussian_filter(ndimage.rotate(grey, 4, reshape=False, mode="nearest"), 1.5)
    light = np.linspace(0.35, 1, grey.shape[1])[None, :] * np.linspace(1, 0.7, grey.shape[0])[:, None]
    noise = np.random.default_rng(0).normal(0, 5, grey.shape)
    assert counts(np.clip(grey * light + noise, 0, 255).astype(np.uint8)) == [5, 3]


def test_dirt_a_dot_and_a_line_below_are_no_digits():
    grey = page([SEVEN, ONE]).copy()
    grey[300:304, 200:204] = 40
    grey[140:150, 240:250] = 40
    grey[400:404, 20:700] = 40
    assert counts(grey) == [2]


def test_an_image_of_the_dataset_comes_back_nearly_as_it_was():
    images = datasets.load().test.images[:30]
    for polarity in (images, 255 - images):
        found = np.stack([scan(image)[0][0].image for image in polarity]).astype(float)
        assert np.abs(found - images).mean() < 15


@pytest.mark.parametrize(
    "grey",
    [
        np.zeros((300, 400), np.uint8),
        np.full((300, 400), 255, np.uint8),
        np.tile(np.linspace(30, 220, 400).astype(np.uint8), (300, 1)),
        np.clip(np.random.default_rng(0).normal(200, 4, (300, 400)), 0, 255).astype(np.uint8),
    ],
    ids=["black", "white", "gradient", "grain"],
)
def test_where_there_is_no_ink_that_is_said(grey):
    with pytest.raises(PictureError, match="No "):
        scan(grey)


def test_a_single_dot_is_no_digit():
    grey = np.full((600, 800), 240, np.uint8)
    grey[300:305, 400:405] = 0
    with pytest.raises(PictureError, match="No digits"):
        scan(grey)


def test_too_many_spots_are_refused_with_the_limit():
    grey = np.full((800, 1200), 240, np.uint8)
    for row in range(20, 780, 40):
        for column in range(20, 1180, 40):
            grey[row : row + 20, column : column + 6] = 30
    with pytest.raises(PictureError, match=rf"at most {MOST_DIGITS} digits, found 551 "):
        scan(grey)


def striped(height, width):
    grey = np.zeros((height, width), np.uint8)
    grey[:, ::7] = 255
    return grey


@pytest.mark.parametrize(
    "grey",
    [
        striped(400, 600),
        255 - striped(400, 600),
        np.random.default_rng(0).integers(0, 256, (500, 700)).astype(np.uint8),
        *(255 - striped(*shape) for shape in [(8, 8), (8, 1600), (1600, 8)]),
    ],
    ids=["white lines", "black lines", "snow", "tiny", "low", "narrow"],
)
def test_ink_everywhere_and_odd_shapes_are_answered(grey):
    with suppress(PictureError):
        assert sum(counts(grey)) <= MOST_DIGITS
