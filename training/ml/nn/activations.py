"""Activation functions and their derivatives.

Each function works in place on arrays of any shape (softmax along the last axis), because a training step must
not allocate: `forward(z, a)` writes f(z) into `a` and keeps z; `backward(z, a, delta)` turns delta from dC/da into
dC/dz, and may overwrite z and a.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from training.ml.nn.arrays import Floats

LEAK = 0.01  # the slope of the leaky ReLU below zero, as in PyTorch
GELU_SCALE, GELU_CUBE = (2 / np.pi) ** 0.5, 0.044715  # Hendrycks & Gimpel 2016, the form with tanh


class Activation(NamedTuple):
    """f and f' of one activation function."""

    forward: Callable[[Floats, Floats], object]
    backward: Callable[[Floats, Floats, Floats], object]


def _sigmoid(z: Floats, a: Floats) -> None:
    # 1/(1+e⁻ᶻ) = (1 + tanh(z/2))/2, which can't overflow
    np.multiply(z, 0.5, out=a)
    np.tanh(a, out=a)
    np.add(a, 1, out=a)
    np.multiply(a, 0.5, out=a)


def _sigmoid_backward(_z: Floats, a: Floats, delta: Floats) -> None:
    # f' = a(1 − a)
    np.multiply(delta, a, out=delta)
    np.subtract(1, a, out=a)
    np.multiply(delta, a, out=delta)


def _tanh(z: Floats, a: Floats) -> None:
    np.tanh(z, out=a)


def _tanh_backward(_z: Floats, a: Floats, delta: Floats) -> None:
    # f' = 1 − a²
    np.multiply(a, a, out=a)
    np.subtract(1, a, out=a)
    np.multiply(delta, a, out=delta)


def _relu(z: Floats, a: Floats) -> None:
    np.maximum(z, 0, out=a)


def _relu_backward(z: Floats, a: Floats, delta: Floats) -> None:
    # f' = 1 where z > 0, else 0
    np.greater(z, 0, out=a)
    np.multiply(delta, a, out=delta)


def _leaky_relu(z: Floats, a: Floats) -> None:
    np.multiply(z, LEAK, out=a)
    np.maximum(z, a, out=a)


def _leaky_relu_backward(z: Floats, a: Floats, delta: Floats) -> None:
    # f' = 1 where z > 0, else LEAK
    np.greater(z, 0, out=a)
    np.multiply(a, 1 - LEAK, out=a)
    np.add(a, LEAK, out=a)
    np.multiply(delta, a, out=delta)


def _elu(z: Floats, a: Floats) -> None:
    # z where z > 0, else eᶻ − 1; as eᶻ − 1 ≥ z, a maximum chooses
    np.minimum(z, 0, out=a)
    np.exp(a, out=a)
    np.subtract(a, 1, out=a)
    np.maximum(z, a, out=a)


def _elu_backward(_z: Floats, a: Floats, delta: Floats) -> None:
    # f' = 1 where z > 0, else eᶻ = a + 1
    np.minimum(a, 0, out=a)
    np.add(a, 1, out=a)
    np.multiply(delta, a, out=delta)


def _gelu(z: Floats, a: Floats) -> None:
    # z(1 + tanh u)/2 with u = GELU_SCALE (z + GELU_CUBE z³)
    _gelu_argument(z, a)
    np.tanh(a, out=a)
    np.add(a, 1, out=a)
    np.multiply(a, z, out=a)
    np.multiply(a, 0.5, out=a)


def _gelu_backward(z: Floats, a: Floats, delta: Floats) -> None:
    # f' = (1 + t)(1 + (1 − t)q)/2 with t = tanh u and q = z u' = 3u − 2 GELU_SCALE z
    _gelu_argument(z, a)
    np.multiply(z, -2 / 3 * GELU_SCALE, out=z)
    np.add(z, a, out=z)
    np.multiply(z, 3, out=z)  # q
    np.tanh(a, out=a)  # t
    np.subtract(1, a, out=a)  # 1 − t
    np.multiply(z, a, out=z)
    np.add(z, 1, out=z)
    np.multiply(delta, z, out=delta)
    np.subtract(2, a, out=a)  # 1 + t
    np.multiply(a, 0.5, out=a)
    np.multiply(delta, a, out=delta)


def _gelu_argument(z: Floats, u: Floats) -> None:
    np.multiply(z, z, out=u)
    np.multiply(u, GELU_SCALE * GELU_CUBE, out=u)
    np.add(u, GELU_SCALE, out=u)
    np.multiply(u, z, out=u)


def _linear(z: Floats, a: Floats) -> None:
    np.copyto(a, z)


def _linear_backward(_z: Floats, _a: Floats, _delta: Floats) -> None:
    """f' = 1: delta stays as it is."""


def softmax(z: Floats, out: Floats | None = None) -> Floats:
    """Probabilities (…, classes) from logits z (…, classes): eᶻ / Σ eᶻ along the last axis; in `out`, if given."""
    shifted: Floats = np.subtract(
        z, z.max(axis=-1, keepdims=True), out=out
    )  # (…, classes), so that nothing overflows
    np.exp(shifted, out=shifted)
    shifted /= shifted.sum(axis=-1, keepdims=True)  # (…, classes)
    return shifted


def _softmax_backward(_z: Floats, a: Floats, delta: Floats) -> None:
    # dC/dz = a ∘ (δ − Σ δa), with δ = dC/da and Σ over the last axis
    delta -= np.einsum("...i,...i->...", delta, a)[..., None]
    np.multiply(delta, a, out=delta)


ACTIVATIONS: dict[str, Activation] = {
    "relu": Activation(_relu, _relu_backward),
    "leaky_relu": Activation(_leaky_relu, _leaky_relu_backward),
    "elu": Activation(_elu, _elu_backward),
    "gelu": Activation(_gelu, _gelu_backward),
    "tanh": Activation(_tanh, _tanh_backward),
    "sigmoid": Activation(_sigmoid, _sigmoid_backward),
    "linear": Activation(_linear, _linear_backward),
    "softmax": Activation(softmax, _softmax_backward),
}
# For these max f(z) = f(max z), so a max pooling may be computed before the activation.
MONOTONE = frozenset(ACTIVATIONS) - {"gelu", "softmax"}
