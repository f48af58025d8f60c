"""Convolution, fused with the max pooling that may follow.

The images are computed in small groups, so that intermediate arrays stay in the processor's cache, and in two
parts, so that two cores work at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, partial
from typing import NamedTuple

import numpy as np

from training.ml.nn.arrays import Floats
from training.ml.nn.parallel import PARTS, in_parallel
from training.ml.nn.pooling import Bools, find_winners, give_winners, take_maximum
from training.ml.nn.windows import Windows

GROUP = 2**18  # numbers in a group's windows and z, at most: a megabyte of float32


class Group(NamedTuple):
    """Images that are computed together. Groups of the same size in a part share `windows` and, if pooled, `z`."""

    images: slice
    windows: Windows
    z: Floats  # (images · oh · ow, filters)
    planes: list[Floats]  # views of z, one per place in a pool's window; empty without a pool
    y: Floats  # (images, oh // pool_size, ow // pool_size, filters)
    won: list[Bools]  # for each plane, where y comes from it; empty without a pool or a backward pass


class Part(NamedTuple):
    """Groups that are computed one after the other, and their contribution to the gradient."""

    groups: list[Group]
    gradient: Floats  # dC/dmatrix, summed over the groups
    addend: Floats  # dC/dmatrix of one group


class Convolve:
    """z = x ∗ weight, y = z + bias; with pool_size > 1, y = bias + the maximum of z in each window of the pool.

    rows: number of images; shape: (h, w, c) of an image; weight (kh, kw, c, filters); bias (filters,);
    padding: "valid" or "same". Without gradients there is no backward pass. Raises ValueError for a weight or
    weight gradient that is not contiguous.
    """

    def __init__(
        self,
        rows: int,
        shape: tuple[int, int, int],
        weight: Floats,
        bias: Floats,
        weight_gradient: Floats | None,
        bias_gradient: Floats | None,
        *,
        strides: int = 1,
        padding: str = "valid",
        pool_size: int = 1,
        is_first: bool = False,
    ) -> None:
        self.weight, self.bias, self.pool_size = weight, bias, pool_size
        self.matrix = weight.reshape(-1, len(bias), copy=False)  # (kh · kw · c, filters)
        training = weight_gradient is not None
        self.x_gradient = np.empty((rows, *shape), weight.dtype) if training and not is_first else None
        windows = partial(
            Windows,
            shape=shape,
            kernel=weight.shape[:2],
            dtype=weight.dtype,
            strides=strides,
            padding=padding,
            pool_size=pool_size,
            # Maxima of contiguous planes are found three times as fast, but dC/dx needs the rows image by image.
            by_planes=self.x_gradient is None,
        )
        one = windows(1)
        self.y = np.empty((rows, *(n // pool_size for n in one.grid[1:]), len(bias)), weight.dtype)
        self.bias_row = np.empty(self.y.shape[2:], weight.dtype)  # (ow, filters): a long row is added faster
        self.won = np.empty((pool_size**2 if training and pool_size > 1 else 0, *self.y.shape), bool)
        if weight_gradient is not None:
            self.gradient = weight_gradient.reshape(self.matrix.shape, copy=False)
            self.bias_gradient = bias_gradient
            self.ones = np.ones(self.y[..., 0].size, weight.dtype)
        places, taps = one.matrix.shape
        size = max(1, GROUP // (places * (taps + len(bias))))
        share = -(-rows // (PARTS * size)) * size  # images per part: a multiple of the group's size
        self.parts = [
            Part(
                list(self._divide(start, min(start + share, rows), size, windows)),
                np.empty_like(self.matrix),
                np.empty_like(self.matrix),
            )
            for start in range(0, rows, share)
        ]

    def _divide(self, start: int, end: int, size: int, windows: partial[Windows]) -> Iterator[Group]:
        """Cut the images from start to end into groups of `size`; the last group may be smaller."""
        filters = len(self.bias)
        shared = cache(windows)
        unpooled = cache(lambda count: np.empty((len(shared(count).matrix), filters), self.y.dtype))
        for first in range(start, end, size):
            images = slice(first, min(first + size, end))
            y = self.y[images]
            view = shared(len(y))
            z = unpooled(len(y)) if self.pool_size > 1 else y.reshape(-1, filters)
            planes = view.planes(z) if self.pool_size > 1 else []
            yield Group(images, view, z, planes, y, [wins[images] for wins in self.won])

    def forward(self, x: Floats) -> Floats:
        """x (rows, h, w, c) to y (rows, oh // pool_size, ow // pool_size, filters)."""
        self.x = x
        self.bias_row[:] = self.bias
        in_parallel(self._forward, self.parts)
        return self.y

    def _forward(self, part: Part) -> None:
        for images, windows, z, planes, y, won in part.groups:
            np.matmul(windows.read(self.x[images]), self.matrix, out=z)
            if planes:
                take_maximum(planes, y)
            if won:
                find_winners(planes, y, won)
            np.add(y, self.bias_row, out=y)

    def backward(self, delta: Floats) -> Floats:
        """Turns dC/dy into dC/dx; unused for the first layer."""
        np.matmul(self.ones, delta.reshape(-1, len(self.bias)), out=self.bias_gradient)
        self.delta = delta
        in_parallel(self._backward, self.parts)
        self.gradient[...] = 0
        for part in self.parts:
            self.gradient += part.gradient
        return delta if self.x_gradient is None else self.x_gradient

    def _backward(self, part: Part) -> None:
        part.gradient[...] = 0
        for images, windows, z, planes, _, won in part.groups:
            if won:
                give_winners(self.delta[images], won, planes)  # from here on, z holds dC/dz
            else:
                z = self.delta[images].reshape(-1, len(self.bias))
            # Computed again: kept, it would take 9 times the memory of x for a 3 × 3 kernel.
            matrix = windows.read(self.x[images])
            np.matmul(matrix.T, z, out=part.addend)
            np.add(part.gradient, part.addend, out=part.gradient)
            if self.x_gradient is not None:
                windows.spread(z, self.weight, self.x_gradient[images])
