"""Strokes as they are sent: kept as they should be, or refused in one sentence."""

import pytest

from digits.ink.checks import RefusedDrawing, clean, parse
from digits.ink.strokes import MOST_STROKES


@pytest.mark.parametrize(
    ("strokes", "message"),
    [
        ([], "There is no ink: draw something first."),
        ([[], []], "There is no ink"),
        ([[[0.1, 0.1]]] * (MOST_STROKES + 1), "at most 1,024 strokes; this one has 1,025"),
        ([[[0.1, 0.1]] * 5001], "at most 5,000 points; this one has 5,001"),
        ("ink", "a list of strokes"),
        ([{"x": 1}], "a list of strokes"),
        ([[0.1, 0.2]], "two numbers, x and y, from 0 to 1"),
        ([[[0.1, 0.2, 0.3]]], "two numbers"),
        ([[[0.1, "0.2"]]], "two numbers"),
        ([[[True, False]]], "two numbers"),
        ([[[1.1, 0.2]]], "from 0 to 1"),
        ([[[float("nan"), 0.2]]], "from 0 to 1"),
        ([[[float("inf"), 0.2]]], "from 0 to 1"),
    ],
)
def test_what_is_no_drawing_is_refused_in_one_sentence(strokes, message):
    with pytest.raises(RefusedDrawing, match=message) as caught:
        clean(strokes)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["{", "[" * 100_000, "[[[0.1,]]]"])
def test_what_is_no_json_is_refused(text):
    with pytest.raises(RefusedDrawing, match="no JSON"):
        parse(text)


def test_json_has_a_longest_length():
    with pytest.raises(RefusedDrawing, match="too much ink"):
        parse("[[" + "[0.12345,0.12345]," * 40_000 + "[0,0]]]")


def test_json_becomes_strokes():
    assert parse("[[[0.123456, 1]], []]") == [[[0.1235, 1.0]]]
