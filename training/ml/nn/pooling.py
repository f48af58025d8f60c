"""Pooling: the maximum or the mean of each window of a feature map; windows don't overlap.

A window has size × size places. Rows and columns that fill no window, at the bottom and right edges, are dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.ml.nn.arrays import Floats

Bools = NDArray[np.bool_]


def planes(x: Floats, size: int) -> list[Floats]:
    """Views of the maps x (n, h, w, c), one for each of the size² places in a window, row by row.

    Plane k is (n, h // size, w // size, c): the numbers at place k of all windows.
    """
    h, w = x.shape[1] // size * size, x.shape[2] // size * size
    return [x[:, i:h:size, j:w:size] for i in range(size) for j in range(size)]


def take_maximum(z: Sequence[Floats], y: Floats) -> None:
    """Write the maximum of the planes z, each shaped like y, into y."""
    np.maximum(z[0], z[-1], out=y)
    for plane in z[1:-1]:
        np.maximum(y, plane, out=y)


def find_winners(z: Sequence[Floats], y: Floats, won: Sequence[Bools]) -> None:
    """Write into won[k] where plane z[k] is the first with its window's maximum, y.

    All arrays have the shape of y.
    """
    *earlier, last = won
    last[...] = False  # until the last step: where an earlier plane won
    for plane, wins in zip(z[:-1], earlier, strict=True):
        np.equal(plane, y, out=wins)
        np.greater(wins, last, out=wins)
        np.logical_or(wins, last, out=last)
    np.logical_not(last, out=last)


def give_winners(delta: Floats, won: Sequence[Bools], z: Sequence[Floats]) -> None:
    """Write dC/dz into the planes z: delta (dC/dy, with respect to the maxima) where a plane won, else 0."""
    for wins, plane in zip(won, z, strict=True):
        np.multiply(delta, wins, out=plane)


class Pool:
    """y = one number for each window of x.

    rows: number of images; shape: (h, w, c) of an image; training: whether there will be a backward pass.
    """

    def __init__(
        self,
        rows: int,
        shape: tuple[int, int, int],
        pool_size: int,
        dtype: np.dtype[np.floating[Any]],
        *,
        training: bool,
    ) -> None:
        h, w, c = shape
        self.size, self.training = pool_size, training
        self.y = np.empty((rows, h // pool_size, w // pool_size, c), dtype)
        self.x_gradient = np.empty((rows, *shape) if training else 0, dtype)

    def _blamed(self) -> list[Floats]:
        """The planes of dC/dx. The edges outside all windows are set to 0, because the buffer is used again."""
        _, h, w, _ = self.x_gradient.shape
        self.x_gradient[:, h - h % self.size :] = 0
        self.x_gradient[:, :, w - w % self.size :] = 0
        return planes(self.x_gradient, self.size)


class MaxPool(Pool):
    """y = the maximum of each window; the gradient goes to the first place that has it."""

    @cached_property
    def won(self) -> list[Bools]:
        """For each place in a window, where y comes from it."""
        return [np.empty(self.y.shape, bool) for _ in range(self.size**2)]

    def forward(self, x: Floats) -> Floats:
        """x (rows, h, w, c) to y (rows, h // pool_size, w // pool_size, c)."""
        z = planes(x, self.size)
        take_maximum(z, self.y)
        if self.training:
            find_winners(z, self.y, self.won)
        return self.y

    def backward(self, delta: Floats) -> Floats:
        """Turns dC/dy into dC/dx."""
        give_winners(delta, self.won, self._blamed())
        return self.x_gradient


class AveragePool(Pool):
    """y = the mean of each window; the gradient is shared equally by its places."""

    def forward(self, x: Floats) -> Floats:
        """x (rows, h, w, c) to y (rows, h // pool_size, w // pool_size, c)."""
        self.y[...] = 0
        for plane in planes(x, self.size):
            np.add(self.y, plane, out=self.y)
        return np.multiply(self.y, 1 / self.size**2, out=self.y)

    def backward(self, delta: Floats) -> Floats:
        """Turns dC/dy into dC/dx; overwrites delta."""
        np.multiply(delta, 1 / self.size**2, out=delta)
        for plane in self._blamed():
            np.copyto(plane, delta)
        return self.x_gradient
