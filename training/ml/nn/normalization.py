"""Batch normalisation (Ioffe & Szegedy 2015)."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

import numpy as np

from training.ml.nn.arrays import Floats

# How much of themselves the running statistics keep in each step. Keras' 0.99 forgets where they started only
# after some 500 steps, which may be a whole training here.
MOMENTUM = 0.9
EPSILON = 1e-3  # added to the variance, as in Keras
BLOCK = 2**18  # numbers that one operation after the other works on while they are in the cache


class BatchNormalize:
    """y = gamma ∘ (x − mean)/√(variance + ε) + beta, with statistics over all axes of x but the last, the channels.

    In training they are the batch's (its variance biased, as in Keras), and `tensors` keeps running means of
    them; otherwise they are those running ones, and there is only the way forward.
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
        # One row alone would be summed by a slower way.
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
        # A channel's value at each of its positions, (size,): with a row as long as an image, not as a pixel,
        # an operation takes half the time.
        return np.tile(values, self.positions)


def _drift(running: Floats, current: Floats) -> None:
    running *= MOMENTUM
    running += (1 - MOMENTUM) * current
