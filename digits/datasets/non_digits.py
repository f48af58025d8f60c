"""Generates images that are no digits: letters, signs, scribbles, and silhouettes like pictures of clothes.

Networks learn from them to be unsure of such images. A seed determines them; letters that look like digits
(O, I, l, Z, S, B, b, g, q, u, y and the like) are left out.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from digits.ink.strokes import FIELD, Floats, normalise

# Strokes of letters and signs on a field of about 10 × 10, separated by "/"; a stroke that starts with ~ is a curve.
SIGNS: dict[str, str] = {
    "A": "0,10 5,0 10,10/2,6 8,6",
    "C": "~9,2 6,0 2,1 0,5 2,9 6,10 9,8",
    "E": "9,0 0,0 0,10 9,10/0,5 7,5",
    "F": "9,0 0,0 0,10/0,5 7,5",
    "H": "0,0 0,10/8,0 8,10/0,5 8,5",
    "J": "~7,0 7,7 5,10 2,10 0,8/3,0 10,0",
    "K": "0,0 0,10/8,0 0,5 8,10",
    "L": "0,0 0,10 7,10",
    "M": "0,10 1,0 5,6 9,0 10,10",
    "N": "0,10 0,0 8,10 8,0",
    "P": "0,10 0,0/~0,0 6,0 8,3 6,5 0,5",
    "R": "0,10 0,0/~0,0 6,0 8,3 6,5 0,5/3,5 8,10",
    "T": "0,0 10,0/5,0 5,10",
    "U": "~0,0 0,7 4,10 8,7 8,0",
    "V": "0,0 4,10 8,0",
    "W": "0,0 2,10 5,3 8,10 10,0",
    "X": "0,0 8,10/8,0 0,10",
    "d": "~8,5 4,4 0,7 3,10 8,8/8,0 8,10",
    "e": "~0,6 8,5 6,2 2,2 0,6 2,10 8,9",
    "f": "~8,1 5,0 3,3 3,10/0,5 7,5",
    "h": "0,0 0,10/~0,6 4,4 6,6 6,10",
    "k": "0,0 0,10/6,4 0,7 6,10",
    "m": "0,3 0,10/~0,5 3,3 4,6 4,10/~4,5 8,3 9,6 9,10",
    "n": "0,3 0,10/~0,5 4,3 7,5 7,10",
    "p": "0,0 0,10/~0,1 5,0 7,3 4,6 0,5",
    "r": "0,2 0,10/~0,5 3,2 6,2",
    "w": "~0,0 2,8 5,3 8,8 10,0",
    "x": "~0,0 3,4 7,10/~7,0 3,6 0,10",
    "&": "~10,10 3,3 4,0 7,1 6,4 1,6 0,9 4,10 9,5",
    "@": "~7,6 5,3 3,5 5,7 7,4 8,7 10,4 7,0 2,1 0,6 3,10 8,9",
    "#": "3,0 2,10/7,0 6,10/0,3 10,3/0,7 10,7",
    "*": "5,0 5,10/0,3 10,7/10,3 0,7",
    "+": "5,0 5,10/0,5 10,5",
    "=": "0,3 10,3/0,7 10,7",
    "%": "10,0 0,10/~2,0 0,2 2,4 4,2 2,0/~8,6 6,8 8,10 10,8 8,6",
    "star": "2,10 5,0 8,10 0,4 10,4 2,10",
    "heart": "~5,10 0,5 0,1 3,0 5,3 7,0 10,1 10,5 5,10",
    "smile": "~5,0 0,2 0,8 5,10 10,8 10,2 5,0/3,3 3,4/7,3 7,4/~2,6 5,9 8,6",
    "house": "0,10 0,4 5,0 10,4 10,10 0,10/4,10 4,6 6,6 6,10",
    "arrow": "0,5 10,5/6,1 10,5 6,9",
    "square": "0,0 10,0 10,10 0,10 0,0",
    "triangle": "5,0 10,10 0,10 5,0",
    "check": "0,6 3,10 10,0",
    "wave": "~0,5 2,0 4,5 6,10 8,5 10,0",
    "tree": "5,10 5,0/0,5 5,0 10,5/1,8 5,4 9,8",
    "cup": "0,2 1,10 7,10 8,2 0,2/~8,4 10,5 10,7 7,8",
}
SLACK = 0.7  # standard deviation of a sign's points, on the field of 10
EDGES = 0.15  # standard deviation of a silhouette's shade between its blocks of 7 × 7 pixels, of 1


def doodles(count: int, generator: Generator) -> NDArray[np.uint8]:
    """`count` images, uint8 (count, 28, 28), 0 paper, 255 ink: all kinds in turn, signs twice as often."""
    kinds = (signs, scribbles, signs, silhouettes)
    return np.stack([kinds[i % len(kinds)](generator) for i in range(count)])


def signs(generator: Generator) -> NDArray[np.uint8]:
    """A letter or another sign, drawn with a pen; uint8 (28, 28)."""
    strokes = _strokes(SIGNS[str(generator.choice(list(SIGNS)))])
    slant = np.eye(2) + generator.normal(0, 0.15, (2, 2))
    moved = [(points + generator.normal(0, SLACK, points.shape)) @ slant for _, points in strokes]
    return _inked(
        [
            _curved(points) if is_curve else points
            for (is_curve, _), points in zip(strokes, moved, strict=True)
        ],
        generator,
    )


def scribbles(generator: Generator) -> NDArray[np.uint8]:
    """Random lines: a random walk, a spiral, a zigzag, or many short curves; uint8 (28, 28)."""
    return _inked(SCRIBBLES[generator.integers(len(SCRIBBLES))](generator), generator)


def silhouettes(generator: Generator) -> NDArray[np.uint8]:
    """A filled shape, mostly symmetrical, in several shades, like a picture of clothes; uint8 (28, 28)."""
    rows, columns = np.mgrid[:FIELD, :FIELD].astype(float)  # (28, 28) each
    top, bottom = generator.uniform(0, 8), generator.uniform(20, 28)
    along = np.clip((rows - top) / (bottom - top), 0, 1)  # from 0 at the top to 1
    left, right = (_profile(along, generator) for _ in range(2))
    if generator.random() < 0.7:
        right = left
    middle = generator.normal(13.5, 1)
    inside = (columns > middle - left) & (columns < middle + right) & (rows >= top) & (rows <= bottom)
    if generator.random() < 0.3:  # legs
        inside &= (np.abs(columns - middle) > generator.uniform(0.5, 2)) | (
            along < generator.uniform(0.1, 0.5)
        )
    coarse = generator.normal(0, 1, (4, 4))
    shade = generator.uniform(0.3, 1) + EDGES * np.kron(coarse, np.ones((7, 7)))
    image: NDArray[np.uint8] = (255 * np.clip(shade, 0.1, 1) * inside).astype(np.uint8)
    return image


def _profile(along: Floats, generator: Generator) -> Floats:
    """Half the width of a silhouette, in pixels, at each height `along` (0 top, 1 bottom)."""
    widths = generator.uniform(2, 13, generator.integers(2, 6))
    profile: Floats = np.interp(along, np.linspace(0, 1, len(widths)), widths)
    return profile


def _strokes(sign: str) -> list[tuple[bool, Floats]]:
    return [
        (stroke.startswith("~"), np.array([point.split(",") for point in stroke.lstrip("~").split()], float))
        for stroke in sign.split("/")
    ]


def _curved(points: Floats) -> Floats:
    """The line (n, 2) with its corners cut twice (Chaikin 1974)."""
    for _ in range(2):
        near, far = points[:-1] * 0.75 + points[1:] * 0.25, points[:-1] * 0.25 + points[1:] * 0.75
        points = np.concatenate([points[:1], np.stack([near, far], axis=1).reshape(-1, 2), points[-1:]])
    return points


def _inked(strokes: list[Floats], generator: Generator) -> NDArray[np.uint8]:
    width = float(np.clip(generator.normal(2.4, 0.4), 1.4, 4.0))
    return normalise([stroke.tolist() for stroke in strokes], pen=width).pixels


def _wandering(generator: Generator) -> list[Floats]:
    steps = generator.normal(0, 1, (generator.integers(12, 30), 2))
    return [_curved(np.cumsum(steps, axis=0))]


def _winding(generator: Generator) -> list[Floats]:
    turns = np.linspace(0, generator.uniform(5, 9) * np.pi, 60)
    radius = np.linspace(generator.uniform(0, 0.5), 1, 60)
    drift = generator.uniform(-1, 2) * turns / turns[-1]
    return [np.stack([radius * np.cos(turns) + drift, radius * np.sin(turns)], axis=1)]


def _to_and_fro(generator: Generator) -> list[Floats]:
    count = int(generator.integers(6, 16))
    places = np.stack([np.arange(count) / count * generator.uniform(0.5, 2), np.arange(count) % 2], axis=1)
    angle = generator.uniform(0, np.pi)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return [(places + generator.normal(0, 0.1, places.shape)) @ turn]


def _many(generator: Generator) -> list[Floats]:
    return [
        _curved(generator.uniform(0, 1, (generator.integers(2, 5), 2)))
        for _ in range(generator.integers(4, 9))
    ]


SCRIBBLES: tuple[Callable[[Generator], list[Floats]], ...] = (_wandering, _winding, _to_and_fro, _many)
