import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digits.ink.strokes import InkError, normalise
from tests.digits.ink_vectors import PATH, arc, cases, vectors

COORDINATES = st.floats(-1e6, 1e6, allow_nan=False)
STROKES = st.lists(
    st.lists(st.tuples(COORDINATES, COORDINATES), min_size=1, max_size=12), min_size=1, max_size=4
)
SEVEN = [[20.0, 30.0], [220.0, 30.0], [90.0, 260.0]]


def box(pixels):
    """Width and height of the ink in pixels."""
    return [int(np.ptp(np.flatnonzero(pixels.any(axis=axis)))) + 1 for axis in (0, 1)]


def centre_of_mass(pixels):
    """Column and row."""
    return [pixels.sum(axis=axis) @ np.arange(28) / pixels.sum() for axis in (0, 1)]


def test_the_shared_vectors_are_what_this_module_makes():
    assert json.loads(PATH.read_text()) == vectors()


@pytest.mark.parametrize(
    "name", ["zero", "one", "two", "four in two strokes", "three, small and in a corner"]
)
def test_a_digit_follows_the_convention_of_mnist(name):
    strokes, _ = cases()[name]

    ink = normalise(strokes)

    assert ink.pixels.shape == (28, 28)
    assert ink.pixels.dtype == np.uint8
    assert ink.pixels.max() == 255
    assert max(box(ink.pixels)) == 20
    assert centre_of_mass(ink.pixels) == pytest.approx([14, 14], abs=0.5)


def test_the_image_is_the_pixels_from_0_to_1():
    ink = normalise([SEVEN])

    assert ink.image.dtype == np.float32
    assert np.array_equal(ink.image, ink.pixels.astype(np.float32) / 255)


def test_size_and_place_of_the_drawing_do_not_matter():
    small_and_far = [[[x / 8 + 96, y / 8 - 32] for x, y in SEVEN]]

    assert np.array_equal(normalise(small_and_far).pixels, normalise([SEVEN]).pixels)


def test_scale_and_offset_lead_from_the_strokes_to_the_image():
    ink = normalise([[[100.0, 50.0], [100.0, 250.0]]])

    x, y = 100 * ink.scale + ink.offset[0], 150 * ink.scale + ink.offset[1]

    assert ink.pixels[math.floor(y), math.floor(x)] == 255
    assert y == pytest.approx(14.5, abs=0.5)


def test_a_line_is_as_wide_as_the_pen():
    ink = normalise([[[0.0, 0.0], [0.0, 50.0]]])

    assert ink.pixels[14].sum() / 255 == pytest.approx(2.4, abs=0.01)


def test_a_wider_pen_leaves_more_ink_in_the_same_box():
    thin, thick = normalise([SEVEN], pen=1.6), normalise([SEVEN], pen=3.2)

    assert box(thin.pixels) == box(thick.pixels)
    assert thin.pixels.sum() < thick.pixels.sum()


def test_a_tap_is_a_dot_in_the_middle():
    pixels = normalise([[[3.0, 5.0]]]).pixels

    assert max(box(pixels)) <= 3
    assert centre_of_mass(pixels) == pytest.approx([14, 14], abs=0.5)


def test_a_tap_that_trembled_stays_a_dot():
    trembling = [[[0.5, 0.5], [0.503, 0.5], [0.503, 0.502]]]

    assert max(box(normalise(trembling, smallest=0.05).pixels)) <= 4
    assert max(box(normalise(trembling).pixels)) == 20


def test_duplicated_points_and_strokes_without_length_or_points_change_nothing():
    plain = normalise([SEVEN]).pixels

    assert np.array_equal(normalise([[point for point in SEVEN for _ in range(5)]]).pixels, plain)
    assert np.array_equal(normalise([SEVEN, [SEVEN[1], SEVEN[1]], []]).pixels, plain)


def test_a_point_more_on_a_straight_line_changes_nothing():
    line = [[0.0, 0.0], [64.0, 128.0]]
    halved = [[0.0, 0.0], [32.0, 64.0], [64.0, 128.0]]

    assert np.array_equal(normalise([halved]).pixels, normalise([line]).pixels)


def test_a_hundred_thousand_points_give_the_image_of_a_few():
    many, few = arc(140, 140, 70, 100, 0, 1, points=100_000), arc(140, 140, 70, 100, 0, 1, points=400)

    difference = normalise([many]).image - normalise([few]).image

    assert np.abs(difference).max() < 0.1


def test_resting_on_a_point_does_not_use_up_the_points():
    resting = [[SEVEN[0]] * 100_000 + arc(140, 140, 70, 100, 0, 1)]
    moving = [[SEVEN[0], *arc(140, 140, 70, 100, 0, 1)]]

    assert np.array_equal(normalise(resting).pixels, normalise(moving).pixels)


def test_ink_heavy_at_one_end_is_not_cut_off():
    pixels = normalise(cases()["heavy at one end"][0]).pixels

    assert box(pixels)[0] == 20


@given(STROKES)
def test_any_strokes_fill_the_box_and_lie_inside_the_image(strokes):
    points = np.concatenate([np.array(stroke) for stroke in strokes])

    ink = normalise(strokes)

    larger_side = 20 if np.ptp(points, axis=0).max() > 1e-9 else 4
    assert max(box(ink.pixels)) <= larger_side
    assert ink.pixels.max() > 200
    for x, y in points:
        assert 0 <= x * ink.scale + ink.offset[0] <= 28 + 1e-6
        assert 0 <= y * ink.scale + ink.offset[1] <= 28 + 1e-6


@pytest.mark.parametrize("nothing", [[], [[]], [[], []]])
def test_no_ink_is_refused(nothing):
    with pytest.raises(InkError, match="draw something first"):
        normalise(nothing)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, 1e10, None])
def test_a_coordinate_that_is_not_finite_is_refused(number):
    with pytest.raises(InkError, match="finite"):
        normalise([SEVEN, [[1.0, number]]])


@pytest.mark.parametrize(
    "strokes", [5, [5], [[5]], [[[1.0]]], [[[1.0, 2.0, 3.0]]], [[[1, 2], [3]]], [[[10**400, 1]]]]
)
def test_what_are_no_strokes_is_refused(strokes):
    with pytest.raises(InkError, match="two numbers, x and y"):
        normalise(strokes)


def test_more_strokes_than_anybody_draws_are_refused():
    with pytest.raises(InkError, match="at most 1024 strokes; this one has 1025"):
        normalise([[[float(i), 0.0]] for i in range(1025)])
