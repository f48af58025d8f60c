"""Recurrent layers: each step of a sequence computes a new state h from its input x and the previous h.

Inside, arrays are (units, rows), so that each gate's values are one contiguous block. The input of a step is
stacked as [x; 1; h] (features + 1 + units, rows), and the tensors are stacked in the same order in `matrix`: one
product gives the gates' sums of input, bias and previous state.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from training.ml.nn.activations import ACTIVATIONS
from training.ml.nn.arrays import Floats

ALL = slice(None)
MOST = 88  # the largest exponent: e⁸⁸ still fits into float32


class Recurrent(ABC):
    """What all recurrent passes share: x (rows, steps, features) to the last h (rows, units).

    With `return_sequences` the output is the h of every step, (rows, steps, units). Without gradients there is no
    backward pass, and the memory of states and gates doesn't grow with the steps.
    """

    gates: ClassVar[int]

    def __init__(
        self,
        rows: int,
        shape: tuple[int, int],  # (steps, features)
        tensors: Mapping[str, Floats],
        gradients: Mapping[str, Floats] | None,
        *,
        return_sequences: bool = False,
        is_first: bool = False,
    ) -> None:
        self.tensors, self.return_sequences = tensors, return_sequences
        self.steps, self.features = shape
        self.units, dtype = len(tensors["recurrent"]), tensors["recurrent"].dtype
        height, width = self.features + 1 + self.units, self.gates * self.units
        self.matrix = np.zeros((height, width), dtype)
        self._lay_out()
        keeps = gradients is not None
        self.stacks = _each_step(self.steps + 1, (height, rows), dtype, keeps)  # [x; 1; h]
        self.states = [stack[-self.units :] for stack in self.stacks]  # h before each step and after the last
        self.values = _each_step(self.steps, (width, rows), dtype, keeps)
        self.scratch = np.empty((self.units, rows), dtype)
        self.y = np.empty((rows, self.steps, self.units) if return_sequences else (rows, self.units), dtype)
        for stack in self.stacks:
            stack[self.features] = 1
        if gradients is not None:
            self.gradients = gradients
            self.slopes = np.empty((width, rows), dtype)  # dC/dz, with respect to the products
            self.state_slopes = np.empty((self.units, rows), dtype)  # dC/dh
            self.matrix_gradient, self.product = np.zeros_like(self.matrix), np.zeros_like(self.matrix)
            self.x_gradient = None if is_first else np.empty((rows, *shape), dtype)
        self._allocate(keeps)

    def forward(self, x: Floats) -> Floats:
        self._stack()
        self.states[0].fill(0)
        for t in range(self.steps):
            np.copyto(self.stacks[t][: self.features], x[:, t].T)  # (features, rows)
            self._step(t)
            if self.return_sequences:
                np.copyto(self.y[:, t], self.states[t + 1].T)
        if not self.return_sequences:
            np.copyto(self.y, self.states[-1].T)
        return self.y

    def backward(self, delta: Floats) -> Floats:
        self.matrix_gradient.fill(0)
        np.copyto(self.state_slopes, 0 if self.return_sequences else delta.T)
        for t in reversed(range(self.steps)):
            if self.return_sequences:
                np.add(self.state_slopes, delta[:, t].T, out=self.state_slopes)
            self._step_back(t)
        self._unstack()
        return delta if self.x_gradient is None else self.x_gradient

    @abstractmethod
    def _step(self, t: int) -> None:
        """Compute states[t + 1] from states[t]; leave in values[t] the numbers that the backward pass needs."""

    @abstractmethod
    def _step_back(self, t: int) -> None:
        """Turn state_slopes from dC/dh with respect to states[t + 1] into that with respect to states[t]."""

    def _allocate(self, keeps: bool) -> None:  # noqa: B027, most kinds need none
        """Make the arrays that only this kind of layer needs: for the backward pass too, if `keeps`."""

    def _lay_out(self) -> None:
        # The non-zero blocks (rows, columns) of the matrix, and the columns with weights for x and for h.
        self.blocks, self.x_columns, self.h_columns = [(ALL, ALL)], ALL, ALL

    def _stack(self) -> None:
        # Copying once is cheap: every step reads the matrix.
        x_rows, bias, h_rows = np.split(self.matrix, [self.features, self.features + 1])
        x_rows[...] = self.tensors["weight"]
        bias[...] = self.tensors["bias"]
        h_rows[...] = self.tensors["recurrent"]

    def _unstack(self) -> None:
        x_rows, bias, h_rows = np.split(self.matrix_gradient, [self.features, self.features + 1])
        self.gradients["weight"][...] = x_rows
        self.gradients["bias"][...] = bias[0]
        self.gradients["recurrent"][...] = h_rows

    def _products(self, t: int) -> Floats:
        # matrixᵀ · [x; 1; h], as (gates, units, rows)
        values, stack = self.values[t], self.stacks[t]
        for part, columns in self.blocks:
            np.matmul(self.matrix[part, columns].T, stack[part], out=values[columns])
        return values.reshape(self.gates, self.units, -1)

    def _products_back(self, t: int) -> None:
        # A product per step is faster than one over all steps, whose slopes would not fit into the cache.
        slopes, stack = self.slopes, self.stacks[t]
        for part, columns in self.blocks:
            np.matmul(stack[part], slopes[columns].T, out=self.product[part, columns])
        np.add(self.matrix_gradient, self.product, out=self.matrix_gradient)
        if self.x_gradient is not None:
            x_rows = self.matrix[: self.features, self.x_columns]  # (features, columns)
            np.matmul(slopes[self.x_columns].T, x_rows.T, out=self.x_gradient[:, t])
        h_rows = self.matrix[-self.units :, self.h_columns]  # (units, columns)
        np.matmul(h_rows, slopes[self.h_columns], out=self.state_slopes)


class SimpleRnn(Recurrent):
    """h ← f(x · weight + h · recurrent + bias), with any f of ACTIVATIONS (Elman 1990)."""

    gates = 1

    def __init__(
        self,
        rows: int,
        shape: tuple[int, int],
        tensors: Mapping[str, Floats],
        gradients: Mapping[str, Floats] | None,
        *,
        activation: str = "tanh",
        return_sequences: bool = False,
        is_first: bool = False,
    ) -> None:
        super().__init__(
            rows, shape, tensors, gradients, return_sequences=return_sequences, is_first=is_first
        )
        self.activation = ACTIVATIONS[activation]

    def _step(self, t: int) -> None:
        z = self._products(t)[0]  # (units, rows)
        self.activation.forward(z.T, self.states[t + 1].T)

    def _step_back(self, t: int) -> None:
        np.copyto(self.slopes, self.state_slopes)
        np.copyto(self.scratch, self.states[t + 1])  # `backward` may overwrite it, and h is still needed
        self.activation.backward(self.values[t].T, self.scratch.T, self.slopes.T)
        self._products_back(t)


class Lstm(Recurrent):
    """c ← f ∘ c + i ∘ g; h ← o ∘ tanh c (Hochreiter & Schmidhuber 1997; f: Gers et al. 2000).

    i, f, o = σ(x · weight + h · recurrent + bias) and g = tanh(…), in the order i, f, g, o as in Keras.
    """

    gates = 4

    def _allocate(self, keeps: bool) -> None:
        form, dtype = self.scratch.shape, self.scratch.dtype
        self.cells = _each_step(self.steps + 1, form, dtype, keeps)  # c before each step and after the last
        self.answers = _each_step(self.steps, form, dtype, keeps)  # tanh c
        if keeps:
            self.cell_slopes = np.empty_like(self.scratch)
            self.squares = np.empty((self.gates, *form), dtype)

    def forward(self, x: Floats) -> Floats:
        self.cells[0].fill(0)
        return super().forward(x)

    def backward(self, delta: Floats) -> Floats:
        self.cell_slopes.fill(0)
        return super().backward(delta)

    def _step(self, t: int) -> None:
        values = self._products(t)
        _sigmoid(values[:2])
        np.tanh(values[2], out=values[2])
        _sigmoid(values[3])
        i, f, g, o = values
        c = self.cells[t + 1]
        np.multiply(f, self.cells[t], out=c)
        np.multiply(i, g, out=self.scratch)
        np.add(c, self.scratch, out=c)
        np.tanh(c, out=self.answers[t])
        np.multiply(o, self.answers[t], out=self.states[t + 1])

    def _step_back(self, t: int) -> None:
        values, slopes = self.values[t].reshape(self.squares.shape), self.slopes.reshape(self.squares.shape)
        i, f, g, o = values
        answer, dh, dc = self.answers[t], self.state_slopes, self.cell_slopes
        # dc += dh ∘ o ∘ (1 − tanh² c)
        np.multiply(answer, answer, out=self.scratch)
        np.subtract(1, self.scratch, out=self.scratch)
        np.multiply(self.scratch, o, out=self.scratch)
        np.multiply(self.scratch, dh, out=self.scratch)
        np.add(dc, self.scratch, out=dc)
        np.multiply(dc, g, out=slopes[0])
        np.multiply(dc, self.cells[t], out=slopes[1])
        np.multiply(dc, i, out=slopes[2])
        np.multiply(dh, answer, out=slopes[3])
        np.multiply(dc, f, out=dc)
        # Through the gates: σ' = σ − σ², tanh' = 1 − tanh².
        np.multiply(values, values, out=self.squares)
        np.subtract(values[:2], self.squares[:2], out=self.squares[:2])
        np.subtract(1, self.squares[2], out=self.squares[2])
        np.subtract(o, self.squares[3], out=self.squares[3])
        np.multiply(slopes, self.squares, out=slopes)
        self._products_back(t)


class Gru(Recurrent):
    """h ← z ∘ h + (1 − z) ∘ tanh(x · weight_h + bias_h + r ∘ q); q = h · recurrent_h + recurrent_bias_h.

    z, r = σ(x · weight + bias + h · recurrent + recurrent_bias), in the order z, r, h as in Keras: the form
    of Cho et al. 2014, preprint 1406.1078v1, which applies r after the product ("reset_after").
    """

    gates = 4  # q, z, r and n = tanh(…), in this order: q, z, r read h and z, r, n read x, both contiguous

    def _lay_out(self) -> None:
        features, units = self.features, self.units
        both, n = slice(units, 3 * units), slice(3 * units, None)
        self.blocks = [(ALL, both), (slice(features, None), slice(units)), (slice(features + 1), n)]
        self.x_columns, self.h_columns = slice(units, None), slice(3 * units)

    def _stack(self) -> None:
        units = self.units
        x_rows, bias, h_rows = np.split(self.matrix, [self.features, self.features + 1])
        recurrent, recurrent_bias = self.tensors["recurrent"], self.tensors["recurrent_bias"]
        x_rows[:, units:] = self.tensors["weight"]
        h_rows[:, : 3 * units] = np.roll(recurrent, units, axis=1)  # q in front of z, r
        bias[0, units:] = self.tensors["bias"]
        bias[0, :units] = recurrent_bias[2 * units :]
        bias[0, units : 3 * units] += recurrent_bias[: 2 * units]

    def _unstack(self) -> None:
        units = self.units
        x_rows, bias, h_rows = np.split(self.matrix_gradient, [self.features, self.features + 1])
        self.gradients["weight"][...] = x_rows[:, units:]
        self.gradients["recurrent"][...] = np.roll(h_rows[:, : 3 * units], -units, axis=1)
        self.gradients["bias"][...] = bias[0, units:]
        self.gradients["recurrent_bias"][...] = np.roll(bias[0, : 3 * units], -units)

    def _step(self, t: int) -> None:
        values = self._products(t)
        _sigmoid(values[1:3])
        q, z, r, n = values
        h = self.states[t + 1]
        np.multiply(r, q, out=self.scratch)
        np.add(n, self.scratch, out=n)
        np.tanh(n, out=n)
        # z h + (1 − z) n = n + z (h − n)
        np.subtract(self.states[t], n, out=h)
        np.multiply(h, z, out=h)
        np.add(h, n, out=h)

    def _step_back(self, t: int) -> None:
        form = self.gates, *self.scratch.shape
        (q, z, r, n), (dq, dz, dr, dn) = self.values[t].reshape(form), self.slopes.reshape(form)
        dh, kept = self.state_slopes, self.scratch
        np.multiply(dh, z, out=kept)
        # dn = dh ∘ (1 − z) ∘ (1 − n²)
        np.subtract(dh, kept, out=dh)
        np.multiply(n, n, out=dn)
        np.subtract(1, dn, out=dn)
        np.multiply(dn, dh, out=dn)
        # dz = dh ∘ (h − n) ∘ z ∘ (1 − z)
        np.subtract(self.states[t], n, out=dz)
        np.multiply(dz, dh, out=dz)
        np.multiply(dz, z, out=dz)
        # dq = dn ∘ r; dr = dn ∘ q ∘ r ∘ (1 − r)
        np.multiply(dn, r, out=dq)
        np.subtract(1, r, out=dr)
        np.multiply(dr, q, out=dr)
        np.multiply(dr, dq, out=dr)
        self._products_back(t)
        np.add(dh, kept, out=dh)


def _each_step(
    count: int, shape: tuple[int, ...], dtype: np.dtype[np.floating[Any]], keeps: bool
) -> list[Floats]:
    # One array per step; without a backward pass, the same array for all steps.
    arrays = np.zeros((count if keeps else 1, *shape), dtype)
    return [arrays[t if keeps else 0] for t in range(count)]


def _sigmoid(z: Floats) -> None:
    # 1/(1+e⁻ᶻ), in place: exp takes half as long as tanh. Above MOST, e⁻ᶻ would overflow; the result is about 0.
    np.negative(z, out=z)
    np.minimum(z, MOST, out=z)
    np.exp(z, out=z)
    np.add(z, 1, out=z)
    np.divide(1, z, out=z)
