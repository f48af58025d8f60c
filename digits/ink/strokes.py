"""Turns a person's pen strokes into a 28×28 image in MNIST's convention.

MNIST's digits were scaled until the larger side of their bounding box was 20 pixels, with the aspect ratio kept,
and then moved by whole pixels until their centre of mass lay at index (14, 14) of a 28×28 image. Here the points of
the strokes are scaled first, and a pen of constant width draws them afterwards: the thickness, size and place of
the drawing do not change the image. `static/js/ink/normalise.js` is the twin of this module: both do the same
float64 operations in the same order, so their pixels are identical (`tests/digits/ink_vectors.json`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FIELD = 28  # pixels per side of the image
BOX = 20  # pixels of the larger side of the ink
CENTRE = 14  # index at which the centre of mass lies, in both directions
PEN = 2.4  # width of the pen in pixels: gives real ink the mean and spread of MNIST's pixels
CELLS = 16  # cells per side of a pixel: successive points within one cell count once
MOST_POINTS = 4096  # a drawing with more points is thinned evenly
MOST_STROKES = 1024  # a drawing with more strokes is refused
LARGEST = 1e9  # absolute value of a coordinate, at most
CHUNK = 32  # line segments rasterised at once
SMALLEST = 1e-9  # smaller ink is a dot
TAP = (
    0.06  # sides of the paper: ink below this size is not enlarged, as on the page (static/js/ink/drawing.js)
)

Floats = NDArray[np.float64]
Strokes = Sequence[Sequence[Sequence[float]]]


class InkError(ValueError):
    """Raised when strokes cannot become an image; its text is one line for people."""


@dataclass(frozen=True)
class Normalised:
    """An image made from strokes.

    `pixels` is the input of networks: uint8 (28, 28), 0 = paper, 255 = ink, like MNIST. A point (x, y) of the
    strokes lies at (x · scale + offset[0], y · scale + offset[1]) in pixels of the image, whose first pixel covers
    0 to 1.
    """

    pixels: NDArray[np.uint8]
    scale: float
    offset: tuple[float, float]

    @property
    def image(self) -> NDArray[np.float32]:
        """The pixels as float32 (28, 28) from 0 to 1."""
        return (self.pixels / np.float32(255)).astype(np.float32)


def normalise(strokes: Strokes, smallest: float = 0.0, pen: float = PEN) -> Normalised:
    """Scale strokes to MNIST's 20-pixel box, draw them with a pen of constant width, and centre their mass.

    `strokes` is a list of strokes, each a list of [x, y], y downwards, in any unit; a stroke of one point
    is a dot. Ink whose larger side is below `smallest` (same unit) is scaled as if it were that large, so
    that a shaky tap stays a dot. `pen` is the pen's width in pixels of the image. All ink lies inside the image,
    even where the centre of mass can't be at (14, 14) then. Takes time linear in the number of points.

    Raises InkError when there is no point, a coordinate is not a finite number from -1e9 to 1e9, or there are more
    than 1,024 strokes.
    """
    paths = _paths(strokes)
    points = np.concatenate(paths)  # (n, 2)
    low = points.min(axis=0)  # (2,)
    extent = max(float((points.max(axis=0) - low).max()), smallest)
    scale = (BOX - pen) / extent if extent > SMALLEST else 0.0

    # The scaled ink, pen included, starts at 0 in both directions.
    segments = _segments(_thinned([(path - low) * scale + pen / 2 for path in paths]))
    raster = np.floor(_coverage(segments, pen) * 255 + 0.5).astype(np.uint8)  # (20, 20)
    column, row = _place(raster.sum(axis=0)), _place(raster.sum(axis=1))
    pixels = np.zeros((FIELD, FIELD), np.uint8)
    pixels[row : row + BOX, column : column + BOX] = raster[: FIELD - row, : FIELD - column]
    x, y = (float(edge) for edge in pen / 2 - low * scale)
    return Normalised(pixels, scale, (x + column, y + row))


def _paths(strokes: Strokes) -> list[Floats]:
    try:
        paths = [np.array(stroke, np.float64) for stroke in strokes if len(stroke)]
    except (TypeError, ValueError, OverflowError):
        raise InkError("Strokes must be lists of points, each two numbers, x and y.") from None
    if not paths:
        raise InkError("There is no ink: draw something first.")
    if len(paths) > MOST_STROKES:
        raise InkError(f"A drawing has at most {MOST_STROKES} strokes; this one has {len(paths)}.")
    for path in paths:
        if path.ndim != 2 or path.shape[1] != 2:
            raise InkError("Strokes must be lists of points, each two numbers, x and y.")
        if not (np.abs(path) <= LARGEST).all():
            raise InkError("Each coordinate of a stroke must be a finite number of at most ±1e9.")
    return paths


def _thinned(paths: list[Floats]) -> list[Floats]:
    """The paths with fewer points: of successive points in a cell the first, about MOST_POINTS in all; ends stay."""
    paths = [path[_moves(path)] for path in paths]
    step = -(-sum(len(path) for path in paths) // MOST_POINTS)
    return [np.concatenate([path[:-1:step], path[-1:]]) for path in paths]


def _moves(path: Floats) -> NDArray[np.bool_]:
    """Mask (n,) of the points that are an end, or in another cell than the point before."""
    cells = np.floor(path * CELLS)  # (n, 2)
    moves = np.ones(len(path), bool)  # (n,)
    moves[1:-1] = (cells[1:-1] != cells[:-2]).any(axis=1)
    return moves


def _segments(paths: list[Floats]) -> Floats:
    """The line segments between successive points, (m, 4): x, y, dx, dy. A dot is a segment of length 0."""
    starts = np.concatenate([path[:-1] if len(path) > 1 else path for path in paths])  # (m, 2)
    ends = np.concatenate([path[1:] if len(path) > 1 else path for path in paths])  # (m, 2)
    return np.concatenate([starts, ends - starts], axis=1)  # (m, 4)


def _coverage(segments: Floats, pen: float) -> Floats:
    """How much of each of the 20×20 pixels the pen covers: (pen + 1) / 2 minus the distance of its centre from the
    nearest line, within 0 to 1."""
    centres = np.arange(BOX) + 0.5  # (20,)
    nearest = np.full((BOX, BOX), np.inf)  # squared distances, (row, column)
    for start in range(0, len(segments), CHUNK):
        x, y, dx, dy = segments[start : start + CHUNK].T[..., None, None]  # (m, 1, 1) each
        px, py = centres - x, centres[:, None] - y  # (m, 1, 20), (m, 20, 1)
        length = dx * dx + dy * dy  # (m, 1, 1)
        along = (px * dx + py * dy) / np.where(length > 0, length, 1.0)  # (m, 20, 20)
        along = np.minimum(np.maximum(along, 0.0), 1.0)
        ex, ey = px - along * dx, py - along * dy  # (m, 20, 20), from the nearest point of the segment
        np.minimum(nearest, (ex * ex + ey * ey).min(axis=0), out=nearest)
    distance = np.sqrt(nearest)
    return np.clip(pen / 2 + 0.5 - distance, 0.0, 1.0)  # type: ignore[no-any-return]


def _place(mass: NDArray[np.uint64]) -> int:
    """The index in the image, along one axis, where the raster starts; `mass` is the ink in its 20 columns or rows.

    Sums of whole numbers are exact. For symmetric ink the centre of mass lies halfway between two pixels, so a
    rounding error would decide where the ink goes.
    """
    centre = float(mass @ np.arange(BOX, dtype=np.uint64)) / float(mass.sum())
    size = int(np.flatnonzero(mass)[-1]) + 1
    return min(max(math.floor(CENTRE - centre + 0.5), 0), FIELD - size)
