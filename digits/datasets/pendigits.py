"""Digits that people drew with a pen, stored as strokes, for training and for measuring accuracy.

They come from the UCI data set "Pen-Based Recognition of Handwritten Digits" with its full trajectories, by E.
Alpaydin and F. Alimoglu, 1998, CC BY 4.0: a gzipped file with one JSON object per line, which has `label`, `writer`
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
MEASURING = frozenset(f"train{number}" for number in range(25, 31))  # writers never trained on
PAPER = 280  # side of the paper on which drawings are placed, in CSS pixels
SIZES = (60, 240)  # least and most length of a drawing's longer side there, in CSS pixels


class DamagedDrawings(ValueError):
    """Raised when the file of drawings cannot be read; its text is one line that names the file."""


@dataclass(frozen=True)
class Drawing:
    """A digit as somebody drew it: strokes are arrays (points, 2) of x and y, y downwards, from 0 to 1."""

    label: int
    writer: str
    strokes: list[Floats]


def folder() -> Path | None:
    """The folder that the environment variable INK_DIR names; None if the drawings aren't there."""
    named = os.environ.get("INK_DIR")
    return Path(named) if named and (Path(named) / FILE).is_file() else None


def read(path: Path) -> tuple[list[Drawing], list[Drawing]]:
    """The drawings in a folder: drawings for training by 24 writers, and drawings for measuring by six others.

    Raises DamagedDrawings when the file is missing, cut off or has another format.
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
    """Drawings as images, as if drawn on the page: at a random size and place on the paper, in whole CSS pixels."""
    generator = np.random.default_rng(seed)
    pixels = [normalise(placed(drawing.strokes, generator), smallest=TAP).pixels for drawing in drawings]
    return Split(np.stack(pixels), np.array([drawing.label for drawing in drawings], np.uint8))


def placed(strokes: list[Floats], generator: Generator) -> list[list[list[float]]]:
    """The strokes at a random size and place on the paper, rounded to its pixels; the unit is the paper's side."""
    points = np.concatenate(strokes)  # (n, 2)
    low, high = points.min(axis=0), points.max(axis=0)  # (2,), (2,)
    scale = generator.uniform(*SIZES) / max(float((high - low).max()), 1e-9)
    corner = generator.uniform(0, PAPER - (high - low) * scale)  # (2,)
    return [(np.round((stroke - low) * scale + corner) / PAPER).tolist() for stroke in strokes]
