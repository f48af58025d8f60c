"""Feature maps made smaller: of each window, which overlaps no other, the maximum or the mean.

A window takes size × size places of a map. What is left over at the right and at the bottom edge is dropped.
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
    """Views of the maps x (n, h, w, c): one (n, h // size, w // size, c) for each of the size² places in a
    window, by rows from the top left.
    """
    h, w = x.shape[1] // size * size, x.shape[2] // size * size
    return [x[:, i:h:size, j:w:size] for i in range(size) for j in range(size)]


def take_maximum(z: Sequence[Floats], y: Floats) -> None:
    """Write the maximum of the planes z, each shaped like y, into y."""
    np.maximum(z[0], z[-1], out=y)
    for plane in z[1:-1]:
        np.maximum(y, plane, out=y)


def find_winners(z: Sequence[Floats], y: Floats, won: Sequence[Bools]) -> None:
    """Write into `won` where each of the planes z is the first that has its window's maximum y.

    All arrays have the shape of y.
    """
    *earlier, last = won
    last[...] = False  # until all else is known: where an earlier plane won
    for plane, wins in zip(z[:-1], earlier, strict=True):
        np.equal(plane, y, out=wins)
        np.greater(wins, last, out=wins)
        np.logical_or(wins, last, out=last)
    np.logical_not(last, out=last)


def give_winners(delta: Floats, won: Sequence[Bools], z: Sequence[Floats]) -> None:
    """Write delta, the derivative of the loss by the maxima, into the planes z where they are the maximum, else 0."""
    for wins, plane in zip(won, z, strict=True):
        np.multiply(delta, wins, out=plane)


class Pool:
    """y = what becomes of each window of x.

    rows: how many images; shape: (h, w, c) of an image; training: whether there will be a way back.
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
        """The planes of the derivative by x. It is 0 where no window is, whatever earlier passes left there."""
        _, h, w, _ = self.x_gradient.shape
        self.x_gradient[:, h - h % self.size :] = 0
        self.x_gradient[:, :, w - w % self.size :] = 0
        return planes(self.x_gradient, self.size)


class MaxPool(Pool):
    """y = the maximum of each window; on the way back the first place that had it gets the blame."""

    @cached_property
    def won(self) -> list[Bools]:
        """Which place each y is from."""
        return [np.empty(self.y.shape, bool) for _ in range(self.size**2)]

    def forward(self, x: Floats) -> Floats:
        """x (rows, h, w, c) to y (rows, h // pool_size, w // pool_size, c)."""
        z = planes(x, self.size)
        take_maximum(z, self.y)
        if self.training:
            find_winners(z, self.y, self.won)
        return self.y

    def backward(self, delta: Floats) -> Floats:
        """The derivative by y to that by x."""
        give_winners(delta, self.won, self._blamed())
        return self.x_gradient


class AveragePool(Pool):
    """y = the mean of each window, whose places share the blame."""

    def forward(self, x: Floats) -> Floats:
        """x (rows, h, w, c) to y (rows, h // pool_size, w // pool_size, c)."""
        self.y[...] = 0
        for plane in planes(x, self.size):
            np.add(self.y, plane, out=self.y)
        return np.multiply(self.y, 1 / self.size**2, out=self.y)

    def backward(self, delta: Floats) -> Floats:
        """The derivative by y, which it uses up, to that by x."""
        np.multiply(delta, 1 / self.size**2, out=delta)
        for plane in self._blamed():
            np.copyto(plane, delta)
        return self.x_gradient
