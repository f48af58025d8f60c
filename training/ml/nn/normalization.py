"""Batch normalisation (Ioffe & Szegedy 2015)."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

import numpy as np

from training.ml.nn.arrays import Floats

# The share of its old value that a running statistic keeps per step. With Keras' 0.99 the initial values take some
# 500 steps to fade, which may be a whole training here.
MOMENTUM = 0.9
EPSILON = 1e-3  # added to the variance, as in Keras
BLOCK = 2**18  # numbers per block of rows: all operations work on one block while it is in the cache


class BatchNormalize:
    """y = gamma ∘ (x − mean)/√(variance + ε) + beta, with mean and variance per channel (the last axis of x).

    In training they are the batch's own (the variance biased, as in Keras), and the running means in `tensors` are
    updated. Otherwise they are the running means, and there is no backward pass.
    """

    def __init__(
        self,
        rows: int,
        shape: tuple[int, ...],  # of one image, channels last
        tensors: Mapping[str, Floats],  # gamma, beta, mean and variance, each (channels,)
        gradients: Mapping[str, Floats] | None,  # gamma and beta
        *,
        training: bool,
    ) -> None:
        self.tensors, self.training = tensors, training
        dtype, size = tensors["gamma"].dtype, prod(shape)
        self.channels, self.positions = shape[-1], size // shape[-1]
        self.y = np.empty((rows, *shape), dtype)
        # At least two rows per block: the sum over a single row is slower.
        length = max(2, BLOCK // size)
        self.parts = [slice(start, min(start + length, rows)) for start in range(0, rows, length)]
        if training and gradients is not None:
            self.gradients = gradients
            self.ones = np.ones(rows, dtype)
            self.scratch = np.empty((min(length, rows), size), dtype)

    def forward(self, x: Floats) -> Floats:
        self.x, y = x.reshape(len(x), -1), self.y.reshape(len(x), -1)  # (rows, size)
        mean, variance = self.tensors["mean"], self.tensors["variance"]  # (channels,)
        if self.training:
            batch_mean, batch_variance = self._statistics()
            _drift(mean, batch_mean)
            _drift(variance, batch_variance)
            mean, variance = batch_mean, batch_variance
        self.deviation = np.sqrt(variance + EPSILON)
        self.means = self._along_rows(mean)
        factors = self._along_rows(self.tensors["gamma"] / self.deviation)
        shifts = self._along_rows(self.tensors["beta"])
        for part in self.parts:
            np.subtract(self.x[part], self.means, out=y[part])
            np.multiply(y[part], factors, out=y[part])
            np.add(y[part], shifts, out=y[part])
        return self.y

    def backward(self, delta: Floats) -> Floats:
        # With x̂ = (x − mean)/deviation: dx = gamma/deviation ∘ (δ − Σδ/n − x̂ ∘ Σ(δ ∘ x̂)/n)
        flat = delta.reshape(len(delta), -1)  # (rows, size)
        beta_gradient, gamma_gradient = self._sums_back(flat)  # Σδ and Σ(δ ∘ x̂), (channels,)
        self.gradients["beta"][...], self.gradients["gamma"][...] = beta_gradient, gamma_gradient
        count = len(delta) * self.positions
        slopes = self._along_rows(gamma_gradient / self.deviation / count)
        shifts = self._along_rows(beta_gradient / count)
        factors = self._along_rows(self.tensors["gamma"] / self.deviation)
        for part in self.parts:
            scratch = self._centered(part)
            np.multiply(scratch, slopes, out=scratch)
            np.subtract(flat[part], scratch, out=flat[part])
            np.subtract(flat[part], shifts, out=flat[part])
            np.multiply(flat[part], factors, out=flat[part])
        return delta

    def _statistics(self) -> tuple[Floats, Floats]:
        count = len(self.x) * self.positions
        mean = self._over_positions(self.ones @ self.x) / count  # (channels,)
        self.means = self._along_rows(mean)
        squares = np.zeros_like(self.means)
        for part in self.parts:
            scratch = self._centered(part)
            np.multiply(scratch, scratch, out=scratch)
            squares += self.ones[part] @ scratch
        return mean, self._over_positions(squares) / count

    def _sums_back(self, flat: Floats) -> tuple[Floats, Floats]:
        sums, products = np.zeros_like(self.means), np.zeros_like(self.means)  # (size,)
        for part in self.parts:
            scratch = self._centered(part)
            np.multiply(scratch, flat[part], out=scratch)
            sums += self.ones[part] @ flat[part]
            products += self.ones[part] @ scratch
        return self._over_positions(sums), self._over_positions(products) / self.deviation

    def _centered(self, part: slice) -> Floats:
        return np.subtract(self.x[part], self.means, out=self.scratch[: part.stop - part.start])

    def _over_positions(self, sums: Floats) -> Floats:
        total: Floats = sums.reshape(self.positions, self.channels).sum(axis=0)  # (channels,)
        return total

    def _along_rows(self, values: Floats) -> Floats:
        # Each channel's value repeated at all positions, (size,): broadcasting a row as long as an image takes half
        # the time of broadcasting a row as long as a pixel.
        return np.tile(values, self.positions)


def _drift(running: Floats, current: Floats) -> None:
    running *= MOMENTUM
    running += (1 - MOMENTUM) * current
