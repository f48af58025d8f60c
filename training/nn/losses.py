"""How wrong the softmax's probabilities are, image by image, and which way to push the logits."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from training.nn.activations import softmax
from training.nn.arrays import Bytes, Floats


class Loss(NamedTuple):
    """One loss: `values(logits, labels)` gives that of each image, float64 (n,).

    `derivative(probabilities, targets, out)` writes the derivative of each image's loss by its logits,
    (n, classes); targets are one-hot.
    """

    values: Callable[[Floats, Bytes], NDArray[np.float64]]
    derivative: Callable[[Floats, Floats, Floats], object]


def _cross_entropy(logits: Floats, labels: Bytes) -> NDArray[np.float64]:
    # −log p_label = log Σe^(z − max) − (z_label − max): never log 0, however sure and wrong the network is
    z = logits.astype(np.float64)  # (n, classes)
    z -= z.max(axis=1, keepdims=True)
    losses: NDArray[np.float64] = np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(z)), labels]  # (n,)
    return losses


def _cross_entropy_derivative(probabilities: Floats, targets: Floats, out: Floats) -> None:
    # dL/dz = p − y
    np.subtract(probabilities, targets, out=out)


def _quadratic(logits: Floats, labels: Bytes) -> NDArray[np.float64]:
    # ½ Σ (p − y)²
    error = softmax(logits.astype(np.float64))  # (n, classes)
    error[np.arange(len(error)), labels] -= 1
    losses: NDArray[np.float64] = 0.5 * np.einsum("ij,ij->i", error, error)  # (n,)
    return losses


def _quadratic_derivative(probabilities: Floats, targets: Floats, out: Floats) -> None:
    # through the softmax's Jacobian: dL/dz = p ∘ (e − Σ e p) with e = p − y
    np.subtract(probabilities, targets, out=out)
    out -= np.einsum("ij,ij->i", out, probabilities)[:, None]  # (n, 1)
    np.multiply(out, probabilities, out=out)


LOSSES: dict[str, Loss] = {
    "cross_entropy": Loss(_cross_entropy, _cross_entropy_derivative),
    "quadratic": Loss(_quadratic, _quadratic_derivative),
}
