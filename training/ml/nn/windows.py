"""The patches that a convolution's kernel reads, as the rows of a matrix (im2col), and back."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from training.ml.nn.arrays import Floats
from training.ml.nn.pooling import planes


def places(extent: int, kernel: int, strides: int, padding: str) -> tuple[int, int, int]:
    """Along one axis of an image: the number of kernel places, and the zeros before and after the image.

    padding: "valid" keeps every place within the image, "same" gives ⌈extent / strides⌉ places. If "same" needs an
    odd number of zeros, the smaller half comes before the image, as in TensorFlow.
    """
    if padding == "valid":
        return (extent - kernel) // strides + 1, 0, 0
    count = -(-extent // strides)
    zeros = max((count - 1) * strides + kernel - extent, 0)
    return count, zeros // 2, zeros - zeros // 2


class Windows:
    """The places of a kernel (kh, kw) on `images` images of shape (h, w, c).

    Each row of `matrix` (images · oh · ow, kh · kw · c) is the patch at one place. Rows run through the images and,
    within an image, row by row; with `by_planes` they run plane by plane (see `pooling.planes`) instead.
    Places that a pool of `pool_size` drops at the right and bottom edges are left out.
    """

    def __init__(
        self,
        images: int,
        shape: tuple[int, int, int],
        kernel: tuple[int, int],
        dtype: np.dtype[np.floating[Any]],
        *,
        strides: int,
        padding: str,
        pool_size: int = 1,
        by_planes: bool = False,
    ) -> None:
        (h, w, c), (kh, kw) = shape, kernel
        oh, top, bottom = places(h, kh, strides, padding)
        ow, left, right = places(w, kw, strides, padding)
        oh, ow = oh - oh % pool_size, ow - ow % pool_size
        self.grid = images, oh, ow
        self.pool_size, self.by_planes = pool_size, by_planes
        self.padded = np.zeros((images, top + h + bottom, left + w + right, c), dtype)
        self.inside = self.padded[:, top : top + h, left : left + w]  # (images, h, w, c)
        seen = sliding_window_view(self.padded, kernel, (1, 2), writeable=True)  # (images, …, …, c, kh, kw)
        self.seen = seen[:, ::strides, ::strides][:, :oh, :ow].transpose(
            0, 1, 2, 4, 5, 3
        )  # (*grid, kh, kw, c)
        self.sources = planes(self.seen, pool_size) if by_planes else [self.seen]
        grid = len(self.sources), *self.sources[0].shape[:3]
        count, taps = images * oh * ow, kh * kw * c
        self.memory = np.empty(count * taps, dtype)
        if kw * c < ow:  # stored by columns, the matrix is copied in longer runs
            self.matrix = self.memory.reshape(taps, count).T
            self.columns = self.memory.reshape(kh, kw, c, *grid).transpose(3, 4, 5, 6, 0, 1, 2)
        else:
            self.matrix = self.memory.reshape(count, taps)
            self.columns = self.memory.reshape(*grid, kh, kw, c)

    def planes(self, z: Floats) -> list[Floats]:
        """Views of z (images · oh · ow, filters), one for each place in a pool's window; see `pooling.planes`."""
        if self.by_planes:
            return list(z.reshape(len(self.sources), *self.sources[0].shape[:3], -1))
        return planes(z.reshape(*self.grid, -1), self.pool_size)

    def read(self, x: Floats) -> Floats:
        """Fill and return `matrix` (images · oh · ow, kh · kw · c) for x (images, h, w, c)."""
        np.copyto(self.inside, x)
        for column, source in zip(self.columns, self.sources, strict=True):
            np.copyto(column, source)
        return self.matrix

    def spread(self, delta: Floats, weight: Floats, x_gradient: Floats) -> None:
        """Write dC/dx into x_gradient (images, h, w, c); overwrites the matrix.

        delta is dC/dz (images · oh · ow, filters); weight (kh, kw, c, filters). Only without `by_planes`.
        """
        kh, kw, c, filters = weight.shape
        taps = self.memory.reshape(kh * kw, len(delta), c)
        np.matmul(delta, weight.reshape(kh * kw, c, filters).transpose(0, 2, 1), out=taps)
        self.padded[...] = 0
        for tap, (i, j) in zip(taps, np.ndindex(kh, kw), strict=True):
            place = self.seen[:, :, :, i, j]  # (*grid, c)
            np.add(place, tap.reshape(place.shape), out=place)
        np.copyto(x_gradient, self.inside)
        self.padded[...] = 0  # the padding of the next images must be zero
