"""Strokes and the pixels that both `digits.ink.strokes` and `static/js/ink/normalise.js` must make of them.

`python -m tests.digits.ink_vectors` writes ink_vectors.json anew. The strokes are made here, not drawn by people.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from digits.ink.strokes import normalise

PATH = Path(__file__).with_name("ink_vectors.json")
Stroke = list[list[float]]


def arc(x: float, y: float, rx: float, ry: float, start: float, end: float, points: int = 24) -> Stroke:
    """Return points on an ellipse around (x, y); `start` and `end` are in turns, clockwise from three o'clock."""
    turns = [math.tau * (start + (end - start) * i / (points - 1)) for i in range(points)]
    return [[round(x + rx * math.cos(turn), 4), round(y + ry * math.sin(turn), 4)] for turn in turns]


def scribble(points: int, seed: int, size: float = 280.0) -> Stroke:
    """A random walk."""
    steps = np.random.default_rng(seed).normal(0, size / 40, (points, 2))  # (n, 2)
    walk: Stroke = np.round(np.cumsum(steps, axis=0), 2).tolist()
    return walk


def band(points: int, seed: int) -> Stroke:
    """Return a jagged horizontal line, each point far from the one before."""
    heights = np.random.default_rng(seed).integers(0, 90, points)  # (n,)
    return [[round(280 * i / points, 1), float(height)] for i, height in enumerate(heights)]


def cases() -> dict[str, tuple[list[Stroke], float]]:
    """Return strokes by name, each with `smallest`: smaller ink is scaled as if it were that large."""
    seven = [[20.0, 30.0], [220.0, 30.0], [90.0, 260.0]]
    return {
        "zero": ([arc(140, 140, 70, 100, 0, 1)], 0.0),
        "one": ([[[50.0, 10.0], [50.0, 270.0]]], 0.0),
        "two": ([[*arc(140, 80, 60, 55, 0.5, 1.1), [80.0, 240.0], [210.0, 240.0]]], 0.0),
        "three, small and in a corner": (
            [arc(20, 15, 10, 8, 0.55, 1.25) + arc(20, 32, 12, 9, 0.75, 1.4)],
            0.0,
        ),
        "four in two strokes": ([[[90, 20], [40, 160], [200, 160]], [[150, 90], [150, 270]]], 0.0),
        "seven": ([seven], 0.0),
        "seven with a bar": ([seven, [[100.0, 150.0], [190.0, 140.0]]], 0.0),
        "eight in fractions of the canvas": (
            [arc(0.5, 0.3, 0.1, 0.12, 0, 1) + arc(0.5, 0.6, 0.14, 0.18, 0, 1)],
            0.05,
        ),
        "tap": ([[[140.0, 140.0]]], 0.0),
        "tap far from the origin": ([[[-999999999.0, 999999999.0]]], 0.0),
        "tap that trembled": ([[[0.5, 0.5], [0.503, 0.5], [0.503, 0.502]]], 0.05),
        "two dots": ([[[10.0, 10.0]], [[40.0, 30.0]]], 0.0),
        "line across": ([[[0.0, 5.0], [100.0, 5.0]]], 0.0),
        "diagonal": ([[[0.0, 0.0], [33.3, 33.3]]], 0.0),
        "duplicated points": ([[point for point in seven for _ in range(3)]], 0.0),
        "stroke of length zero": ([seven, [[120.0, 200.0], [120.0, 200.0]]], 0.0),
        "empty strokes": ([[], seven, []], 0.0),
        "heavy at one end": ([scribble(200, seed=1, size=20.0), [[0.0, 0.0], [300.0, 0.0]]], 0.0),
        "scribble": ([scribble(300, seed=2)], 0.0),
        "more points than are drawn": ([band(5000, seed=3)], 0.0),
        "three scribbles": ([scribble(50, seed=seed) for seed in (4, 5, 6)], 0.0),
        "tiny unit": ([[[x * 1e-6, y * 1e-6] for x, y in seven]], 0.0),
        "huge unit": ([[[x * 4e6, y * 4e6 - 5e8] for x, y in seven]], 0.0),
    }


def vectors() -> list[dict[str, Any]]:
    """Return the cases with their results: 784 pixels in hexadecimal, the scale and the offset."""
    written = []
    for name, (strokes, smallest) in cases().items():
        ink = normalise(strokes, smallest)
        written.append(
            {
                "name": name,
                "strokes": strokes,
                "smallest": smallest,
                "pixels": ink.pixels.tobytes().hex(),
                "scale": ink.scale,
                "offset": list(ink.offset),
            }
        )
    return written


if __name__ == "__main__":
    PATH.write_text("[\n" + ",\n".join(json.dumps(vector) for vector in vectors()) + "\n]\n")
