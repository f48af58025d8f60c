"""Turns a bitmap of ink into an image in MNIST's convention: the larger side of the ink's bounding box is 20 pixels,
each pixel is the mean of the points that it covers, and the centre of mass is at index (14, 14).
`digits.ink.strokes` does the same for strokes."""

import numpy as np
from numpy.typing import NDArray

from digits.ink.strokes import BOX, CENTRE, FIELD

Bytes = NDArray[np.uint8]


def normalise(ink: NDArray[np.floating], visible: float) -> Bytes:
    """Ink of any size, (height, width) from 0 to 1, as an image, uint8 (28, 28).

    Ink of at most ``visible`` does not count for the bounding box; raises IndexError where there is no other."""
    return _centred(_fitted(ink, visible))


def _fitted(ink: NDArray[np.floating], visible: float) -> Bytes:
    """The ink's bounding box, resized until its larger side is 20 pixels; every pixel is the mean of its points."""
    rows = np.flatnonzero((ink > visible).any(axis=1))
    columns = np.flatnonzero((ink > visible).any(axis=0))
    box = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    height, width = (max(round(side * BOX / max(box.shape)), 1) for side in box.shape)
    grey = _shares(height, box.shape[0]) @ box @ _shares(width, box.shape[1]).T  # (height, width), 0–1
    return np.rint(grey * 255).astype(np.uint8)


def _shares(pixels: int, points: int) -> NDArray[np.float64]:
    """The weight of each point in the mean of each pixel, along one side, (pixels, points)."""
    edges = np.arange(pixels + 1) * points / pixels  # (pixels + 1,), in points
    starts = np.arange(points)  # (points,)
    ends = np.minimum(edges[1:, None], starts + 1)  # (pixels, points)
    covered = ends - np.maximum(edges[:-1, None], starts)  # (pixels, points)
    shares: NDArray[np.float64] = np.maximum(covered, 0) * pixels / points
    return shares


def _centred(ink: Bytes) -> Bytes:
    """The ink on 28 × 28 pixels, moved by whole pixels until its centre of mass is at (14, 14), or as near to it as
    possible with all ink inside."""
    height, width = ink.shape
    mass = ink.sum(dtype=np.float64)
    top = round(CENTRE - ink.sum(axis=1) @ np.arange(height) / mass)
    left = round(CENTRE - ink.sum(axis=0) @ np.arange(width) / mass)
    top, left = min(max(top, 0), FIELD - height), min(max(left, 0), FIELD - width)
    image = np.zeros((FIELD, FIELD), np.uint8)
    image[top : top + height, left : left + width] = ink
    return image
