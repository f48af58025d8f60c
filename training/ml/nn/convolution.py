"""Convolution, and with it the max pooling that may follow.

It takes a few images at a time, so that what it computes on the way stays in the processor's cache; in two parts,
so that it keeps two cores busy.
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

GROUP = 2**18  # numbers in the windows and in the z of the images taken at a time: about a megabyte


class Group(NamedTuple):
    """The images taken at a time. Groups of a size share their windows, and their z if it is to be pooled."""

    images: slice
    windows: Windows
    z: Floats  # (images · oh · ow, filters)
    planes: list[Floats]  # views of z that the pool compares, if there is one
    y: Floats  # (images, oh // pool_size, ow // pool_size, filters)
    won: list[Bools]  # from which plane each y is


class Part(NamedTuple):
    """The groups that are worked through one after the other, and what they add to the gradient."""

    groups: list[Group]
    gradient: Floats  # by the matrix of the weight
    addend: Floats  # the share of one group in it


class Convolve:
    """z = x ∗ weight, y = z + bias; with a pool_size, y = the maximum of z in each window of the pool + bias.

    rows: how many images; shape: (h, w, c) of an image; weight (kh, kw, c, filters); bias (filters,);
    padding: "valid" or "same". Without gradients to fill there is no way back.
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
            # Maxima of whole planes are found three times as fast, but the way back to x wants whole images.
            by_planes=self.x_gradient is None,
        )
        one = windows(1)
        self.y = np.empty((rows, *(n // pool_size for n in one.grid[1:]), len(bias)), weight.dtype)
        self.bias_row = np.empty(self.y.shape[2:], weight.dtype)  # (ow, filters), which adds faster
        self.won = np.empty((pool_size**2 if training and pool_size > 1 else 0, *self.y.shape), bool)
        if weight_gradient is not None:
            self.gradient = weight_gradient.reshape(self.matrix.shape, copy=False)
            self.bias_gradient = bias_gradient
            self.ones = np.ones(self.y[..., 0].size, weight.dtype)
        places, taps = one.matrix.shape
        size = max(1, GROUP // (places * (taps + len(bias))))
        share = -(-rows // (PARTS * size)) * size  # the images of a part, whole groups of them
        self.parts = [
            Part(
                list(self._divide(start, min(start + share, rows), size, windows)),
                np.empty_like(self.matrix),
                np.empty_like(self.matrix),
            )
            for start in range(0, rows, share)
        ]

    def _divide(self, start: int, end: int, size: int, windows: partial[Windows]) -> Iterator[Group]:
        """Cut the rows from start to end into groups of that size and what is left over."""
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
                give_winners(self.delta[images], won, planes)  # z is from here on the derivative by z
            else:
                z = self.delta[images].reshape(-1, len(self.bias))
            matrix = windows.read(self.x[images])  # again: to keep it would take 9 × x for a kernel of 3 × 3
            np.matmul(matrix.T, z, out=part.addend)
            np.add(part.gradient, part.addend, out=part.gradient)
            if self.x_gradient is not None:
                windows.spread(z, self.weight, self.x_gradient[images])
