"""Resampling: images read at places between their pixels, to shift, rotate and bend digits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from digits.ink.strokes import CENTRE, FIELD
from training.ml.nn.arrays import Bytes

FRAME = FIELD + 2  # side of an image with a margin of one pixel of paper

Singles = NDArray[np.float32]

# For every pixel: x and y from the centre of mass, and 1. An affine map is a linear combination of these rows.
Y, X = (np.indices((FIELD, FIELD), np.float32) - CENTRE).reshape(2, -1)  # (784,) each
AFFINE: Singles = np.stack([X, Y, np.ones_like(X)])  # (3, 784)


def resampled(images: Bytes, coefficients: Singles, basis: Singles = AFFINE) -> Bytes:
    """The images (n, 28, 28) with each pixel taken from another place, bilinearly; outside is paper.

    The x and y of the places, in pixels from index 0, are coefficients (2, n, k) times basis (k, 784): one matrix
    product, also for bends. Fastest for some dozens of images, which fit into the processor's cache.
    """
    count = len(images)
    margin = np.zeros((count + 1) * FRAME**2, np.float32)  # one more, for the last pixel's neighbours
    margin[: count * FRAME**2].reshape(count, FRAME, FRAME)[:, 1:-1, 1:-1] = images
    x, y = np.matmul(coefficients, basis)  # (n, 784) each
    left, top = _split(x), _split(y)  # (n, 784) each; x and y keep the fractions
    corner = (top * FRAME + left + FRAME**2 * np.arange(count, dtype=np.int32)[:, None]).astype(
        np.intp
    )  # (n, 784)
    upper, lower = (
        _between(margin[start:].take(corner), margin[start + 1 :].take(corner), x) for start in (0, FRAME)
    )  # (n, 784) each
    grey = _between(upper, lower, y)  # (n, 784)
    grey += 0.5
    return grey.astype(np.uint8).reshape(count, FIELD, FIELD)


def _split(places: Singles) -> NDArray[np.int32]:
    """The index, margin included, of the pixel before each place; `places` keeps the fraction."""
    places += 1
    np.clip(places, 0, FRAME - 1 - 1e-3, out=places)
    whole = places.astype(np.int32)
    places -= whole.astype(np.float32)
    return whole


def _between(first: Singles, second: Singles, share: Singles) -> Singles:
    """first + (second - first) · share, written into `second`."""
    second -= first
    second *= share
    second += first
    return second
