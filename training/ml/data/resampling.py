"""Images seen at places between their pixels: how digits are moved, turned and bent."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from digits.ink.strokes import CENTRE, FIELD
from training.ml.nn.arrays import Bytes

FRAME = FIELD + 2  # with a margin of paper

Singles = NDArray[np.float32]

# Of every pixel: x and y from the centre of mass, and 1; an affine map is a sum of them.
Y, X = (np.indices((FIELD, FIELD), np.float32) - CENTRE).reshape(2, -1)  # (784,) each
AFFINE: Singles = np.stack([X, Y, np.ones_like(X)])  # (3, 784)


def resampled(images: Bytes, coefficients: Singles, basis: Singles = AFFINE) -> Bytes:
    """The images (n, 28, 28) with each pixel taken from another place, bilinearly; outside is paper.

    The places' x and y, as indices of pixels, are coefficients (2, n, k) times basis (k, 784), so a bend costs
    no more than an affine map: one matrix product. Quickest for some dozens of images, which fit into the cache.
    """
    count = len(images)
    margin = np.zeros((count + 1) * FRAME**2, np.float32)  # one image more, for the last corner's neighbours
    margin[: count * FRAME**2].reshape(count, FRAME, FRAME)[:, 1:-1, 1:-1] = images
    x, y = np.matmul(coefficients, basis)  # (n, 784) each
    left, top = _split(x), _split(y)  # (n, 784) each; x and y are now how far it is from there
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
    """The pixel of the margin's count before each place; only the rest stays behind in `places`."""
    places += 1
    np.clip(places, 0, FRAME - 1 - 1e-3, out=places)
    whole = places.astype(np.int32)
    places -= whole.astype(np.float32)
    return whole


def _between(first: Singles, second: Singles, share: Singles) -> Singles:
    """first + (second - first) · share, in second's place."""
    second -= first
    second *= share
    second += first
    return second
