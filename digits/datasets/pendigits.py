"""Digits that people drew with a pen, stroke by stroke, to train on and to measure with.

They are the UCI data set "Pen-Based Recognition of Handwritten Digits" with its full trajectories, by E.
Alpaydin and F. Alimoglu, 1998, CC BY 4.0: a gzipped file of one JSON object a line, with `label`, `writer`
and `strokes`.
"""

from __future__ import annotations

import gzip
import json
import os
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import Generator

from digits.datasets import Split
from digits.ink.strokes import TAP, Floats, normalise

FILE = "pendigits_train.jsonl.gz"
MEASURING = frozenset(f"train{number}" for number in range(25, 31))  # writers on whom nothing is trained
PAPER = 280  # side of the paper on which drawings are placed, in CSS pixels
SIZES = (60, 240)  # of a drawing's longer side there


class DamagedDrawings(ValueError):
    """Raised when the file of drawings cannot be read; its text is one line that names the file."""


@dataclass(frozen=True)
class Drawing:
    """A digit as somebody drew it: strokes are arrays (points, 2) of x and y, y downwards, from 0 to 1."""

    label: int
    writer: str
    strokes: list[Floats]


def folder() -> Path | None:
    """The folder that INK_DIR names, if the drawings are there."""
    named = os.environ.get("INK_DIR")
    return Path(named) if named and (Path(named) / FILE).is_file() else None


def read(path: Path) -> tuple[list[Drawing], list[Drawing]]:
    """The drawings in a folder: those of 24 writers to train on, and those of six others to measure with.

    Raises DamagedDrawings when the file is missing, cut off or of another kind.
    """
    try:
        with gzip.open(path / FILE, "rt", encoding="utf-8") as lines:
            drawings = [_drawing(json.loads(line)) for line in lines]
    except (OSError, EOFError, ValueError, KeyError, TypeError, zlib.error) as error:
        raise DamagedDrawings(f"{path / FILE}: expected drawings, one a line, found {error!r}.") from error
    return (
        [drawing for drawing in drawings if drawing.writer not in MEASURING],
        [drawing for drawing in drawings if drawing.writer in MEASURING],
    )


def _drawing(row: dict[str, Any]) -> Drawing:
    strokes = [np.array(stroke, np.float64).reshape(-1, 2) for stroke in row["strokes"]]
    return Drawing(int(row["label"]), str(row["writer"]), strokes)


def as_on_page(drawings: Sequence[Drawing], seed: int) -> Split:
    """Drawings as the page would send them: of any size, anywhere on the paper, in the screen's pixels."""
    generator = np.random.default_rng(seed)
    pixels = [normalise(placed(drawing.strokes, generator), smallest=TAP).pixels for drawing in drawings]
    return Split(np.stack(pixels), np.array([drawing.label for drawing in drawings], np.uint8))


def placed(strokes: list[Floats], generator: Generator) -> list[list[list[float]]]:
    """Strokes at a random size and place on the paper, in its sides, rounded to its pixels."""
    points = np.concatenate(strokes)  # (n, 2)
    low, high = points.min(axis=0), points.max(axis=0)  # (2,), (2,)
    scale = generator.uniform(*SIZES) / max(float((high - low).max()), 1e-9)
    corner = generator.uniform(0, PAPER - (high - low) * scale)  # (2,)
    return [(np.round((stroke - low) * scale + corner) / PAPER).tolist() for stroke in strokes]
