"""The passes of a training step, each with its forward and backward computation side by side.

`forward(x)` returns the output y for a batch; `backward(delta)` takes dC/dy, where C is the loss, and returns dC/dx.
All arrays are made once: a pass returns buffers that the next step overwrites.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.random import Generator

from training.ml.config.layer_types import Shape
from training.ml.nn.activations import ACTIVATIONS
from training.ml.nn.arrays import Floats


class Pass(Protocol):
    """One operation of a layer, with its forward and backward computation."""

    def forward(self, x: Floats) -> Floats: ...
    def backward(self, delta: Floats) -> Floats: ...


class Reshape:
    """y is x in another shape; both use the same memory."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape  # of one image

    def forward(self, x: Floats) -> Floats:
        self.came = x.shape
        return x.reshape(len(x), *self.shape)

    def backward(self, delta: Floats) -> Floats:
        return delta.reshape(self.came)


class Affine:
    """y = x · weight + bias; the backward pass fills the gradients of both.

    With `is_first` no dC/dx is computed, because no earlier layer needs it.
    """

    def __init__(
        self,
        rows: int,
        tensors: Mapping[str, Floats],  # weight (inputs, units), bias (units,)
        gradients: Mapping[str, Floats] | None,
        *,
        is_first: bool = False,
    ) -> None:
        self.weight, self.bias = tensors["weight"], tensors["bias"]
        inputs, units = self.weight.shape
        self.y = np.empty((rows, units), self.weight.dtype)
        if gradients is None:
            return
        self.weight_gradient, self.bias_gradient = gradients["weight"], gradients["bias"]
        self.ones = np.ones(rows, self.weight.dtype)
        self.x_gradient = None if is_first else np.empty((rows, inputs), self.weight.dtype)

    def forward(self, x: Floats) -> Floats:
        self.x = x  # (rows, inputs)
        np.matmul(x, self.weight, out=self.y)  # (rows, units)
        np.add(self.y, self.bias, out=self.y)
        return self.y

    def backward(self, delta: Floats) -> Floats:
        np.matmul(self.x.T, delta, out=self.weight_gradient)  # (inputs, units)
        # A product with ones sums twice as fast as sum(axis=0).
        np.matmul(self.ones, delta, out=self.bias_gradient)  # (units,)
        if self.x_gradient is None:
            return delta
        return np.matmul(delta, self.weight.T, out=self.x_gradient)  # (rows, inputs)


class Activate:
    """y = f(x), element by element; softmax along the last axis."""

    def __init__(self, rows: int, shape: Shape, dtype: np.dtype[np.floating[Any]], activation: str) -> None:
        self.activation = ACTIVATIONS[activation]
        self.y = np.empty((rows, *shape), dtype)

    def forward(self, x: Floats) -> Floats:
        self.x = x
        self.activation.forward(x, self.y)
        return self.y

    def backward(self, delta: Floats) -> Floats:
        self.activation.backward(self.x, self.y, delta)
        return delta


class Dropout:
    """y = x ∘ mask: sets each number to 0 with probability `rate`; divides the others by 1 − rate to keep the mean."""

    def __init__(
        self, rows: int, shape: Shape, dtype: np.dtype[np.floating[Any]], rate: float, generator: Generator
    ) -> None:
        self.keep, self.generator = 1 - rate, generator
        self.y, self.mask = np.empty((rows, *shape), dtype), np.empty((rows, *shape), dtype)
        self.chance = np.empty((rows, *shape), np.float32)

    def forward(self, x: Floats) -> Floats:
        self.generator.random(out=self.chance, dtype=np.float32)
        np.less(self.chance, self.keep, out=self.mask)  # 1 or 0
        np.multiply(self.mask, 1 / self.keep, out=self.mask)
        return np.multiply(x, self.mask, out=self.y)

    def backward(self, delta: Floats) -> Floats:
        return np.multiply(delta, self.mask, out=delta)
