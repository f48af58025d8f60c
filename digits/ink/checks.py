"""Checks the strokes of a drawing from a page or widget, before any other use."""

import json
from typing import TypeAlias

from digits.ink.strokes import MOST_STROKES

MOST_POINTS = 5000  # in a drawing: far more than any digit has; about 80 kB
MOST_CHARACTERS = 500_000  # in its JSON, in which a page writes numbers with all their digits
PLACES = 4  # decimals of a coordinate: a thirtieth of a pixel on the page's paper

# Each point is [x, y], from 0 to 1 along the paper's side, y downwards.
Strokes: TypeAlias = list[list[list[float]]]


class RefusedDrawing(ValueError):
    """Raised for a drawing that can't be stored; its text is one sentence for people."""


def parse(text: str) -> Strokes:
    """The strokes in a form's JSON, as `clean` returns them. Raises RefusedDrawing."""
    if not text:
        return clean([])
    if len(text) > MOST_CHARACTERS:
        raise RefusedDrawing(
            "This drawing has too much ink to be kept: clear it, and draw it again with less."
        )
    try:
        strokes = json.loads(text)
    except (ValueError, RecursionError):
        raise RefusedDrawing("The strokes are no JSON.") from None
    return clean(strokes)


def clean(strokes: object) -> Strokes:
    """The strokes in the form to store: rounded, without empty strokes. Raises RefusedDrawing for no list of strokes,
    no ink, too many strokes or points, and coordinates outside 0 to 1."""
    if not isinstance(strokes, list) or not all(isinstance(stroke, list) for stroke in strokes):
        raise RefusedDrawing("A drawing is a list of strokes, each a list of points.")
    inked = [stroke for stroke in strokes if stroke]
    points = sum(map(len, inked))
    if not inked:
        raise RefusedDrawing("There is no ink: draw something first.")
    if len(inked) > MOST_STROKES:
        raise RefusedDrawing(f"A drawing has at most {MOST_STROKES:,} strokes; this one has {len(inked):,}.")
    if points > MOST_POINTS:
        raise RefusedDrawing(f"A drawing has at most {MOST_POINTS:,} points; this one has {points:,}.")
    return [[_point(point) for point in stroke] for stroke in inked]


def _point(point: object) -> list[float]:
    if not isinstance(point, list) or len(point) != 2 or not all(map(_is_share, point)):
        raise RefusedDrawing("A point is two numbers, x and y, from 0 to 1.")
    return [round(float(value), PLACES) for value in point]


def _is_share(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
