"""Warping: varied copies of digits, so that a starter network sees a different version of each in every epoch.

Images and pen strokes are rotated, sheared, stretched and bent smoothly. Warped images keep MNIST's convention, up to
half a pixel and the bend: the larger side of the ink's box is 20 pixels, the centre of mass is at index (14, 14).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from digits.ink.strokes import BOX, CENTRE, FIELD, Floats
from training.ml.data.resampling import AFFINE, Singles, X, Y, resampled
from training.ml.nn.arrays import Bytes

TURN = 0.12  # radians, standard deviation
SHEAR = 0.1  # standard deviation
STRETCH = 0.08  # standard deviation of the log of the factor of the width, by which the height is divided
BEND = 0.7  # pixels: standard deviation of the moves of a coarse grid's points
GRID = 4  # points per side of that grid
CHUNK = 96  # images warped at once: for larger arrays, new memory takes more time than they save
FAINT = 64  # pixels from this value on count as ink


def warped(images: Bytes, generator: Generator) -> Bytes:
    """Varied copies of images (n, 28, 28)."""
    out = np.empty_like(images)
    for start in range(0, len(images), CHUNK):
        chunk = slice(start, start + CHUNK)
        out[chunk] = _warped(images[chunk], generator)
    return out


def distorted(strokes: list[Floats], generator: Generator) -> list[Floats]:
    """Varied copies of strokes (points, 2), scaled from any unit to pixels.

    Before the variation, the larger side of their box is BOX pixels.
    """
    points = np.concatenate(strokes)  # (n, 2)
    low = points.min(axis=0)  # (2,)
    places = (points - low) / max(float((points.max(axis=0) - low).max()), 1e-9)  # (n, 2), from 0 to 1
    bend = generator.normal(0, BEND, (GRID * GRID, 2))  # (g², 2)
    moved = BOX * places @ matrices(1, generator)[0].T + _weights(places[:, 0], places[:, 1]) @ bend  # (n, 2)
    return np.split(moved, np.cumsum([len(stroke) for stroke in strokes])[:-1])


def matrices(count: int, generator: Generator) -> Singles:
    """Random matrices (count, 2, 2) that rotate, shear and stretch, of determinant 1."""
    turn, shear, stretch = generator.normal(0, 1, (3, count)) * [[TURN], [SHEAR], [STRETCH]]  # (count,) each
    cos, sin, wide = np.cos(turn), np.sin(turn), np.exp(stretch)
    turned = np.stack([cos, -sin, sin, cos], axis=1).reshape(-1, 2, 2)
    skewed = np.stack([wide, shear, np.zeros(count), 1 / wide], axis=1).reshape(-1, 2, 2)
    product: Singles = (turned @ skewed).astype(np.float32)
    return product


def _warped(images: Bytes, generator: Generator) -> Bytes:
    count = len(images)
    forth = matrices(count, generator)  # (n, 2, 2)
    scale = BOX / _extents(images, forth)  # (n,)
    back = np.linalg.inv(forth * scale[:, None, None])  # (n, 2, 2), from a pixel to its ink's place
    phase = generator.uniform(-0.5, 0.5, (2, count, 1)).astype(np.float32)  # ink may lie between pixels
    bend = generator.normal(0, BEND, (2, count, GRID * GRID)).astype(np.float32)
    origin = back @ phase.swapaxes(0, 1) + CENTRE  # (n, 2, 1)
    maps = np.concatenate([back, origin], axis=2).swapaxes(0, 1)  # (2, n, 3)
    return resampled(images, np.concatenate([maps, bend], axis=2).astype(np.float32), BENDING)


def _extents(images: Bytes, matrix: Singles) -> Singles:
    """The larger side (n,), in pixels, of the ink's box after each image is transformed by its matrix (n, 2, 2)."""
    ink = images.reshape(len(images), -1) >= FAINT  # (n, 784)
    sides = []
    for row in matrix.swapaxes(0, 1):  # (n, 2)
        moved = row[:, :1] * X + row[:, 1:] * Y  # (n, 784)
        sides.append(np.where(ink, moved, -FIELD).max(axis=1) - np.where(ink, moved, FIELD).min(axis=1) + 1)
    larger: Singles = np.clip(np.maximum(*sides), 4, 2 * FIELD).astype(np.float32)
    return larger


def _weights(x: NDArray[Any], y: NDArray[Any]) -> NDArray[Any]:
    """Bilinear weights (n, GRID²) of the bending grid's points at places x and y (n,), from 0 to 1."""
    across, down = (
        np.maximum(1 - np.abs(np.clip(axis, 0, 1)[:, None] * (GRID - 1) - np.arange(GRID)), 0)  # (n, GRID)
        for axis in (x, y)
    )
    weights: NDArray[Any] = (down[:, :, None] * across[:, None, :]).reshape(len(x), -1)
    return weights


BENDING = np.concatenate(  # (3 + GRID², 784)
    [AFFINE, _weights((X + CENTRE) / FIELD, (Y + CENTRE) / FIELD).T.astype(np.float32)]
)
