"""Loss functions: the loss of each image and its derivative with respect to the logits."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from training.ml.config.hyperparameters import Hyperparameters
from training.ml.config.layer_types import CLASSES
from training.ml.nn.activations import softmax
from training.ml.nn.arrays import Bytes, Floats


class Values(Protocol):
    """The loss of each image, float64 (n,), from logits (n, classes) and labels (n,).

    With label smoothing s the target is one-hot · (1 − s) + s/classes instead of one-hot.
    """

    def __call__(
        self, logits: Floats, labels: Bytes, label_smoothing: float = 0.0
    ) -> NDArray[np.float64]: ...


def smoothing_of(hyperparameters: Hyperparameters) -> float:
    """The label smoothing that the loss uses: 0 for hinge, which knows only the right class."""
    return hyperparameters.label_smoothing if hyperparameters.loss != "hinge" else 0.0


def smoothed_targets(smoothing: float) -> Floats:
    """The target of each label, one row per label: one-hot · (1 − s) + s/10, (10, 10)."""
    one_hot = np.eye(CLASSES, dtype=np.float32)
    return one_hot * np.float32(1 - smoothing) + np.float32(smoothing / CLASSES)


class Loss(NamedTuple):
    """A loss function and its derivative.

    `derivative(logits, probabilities, targets, out)` writes dL/dz of each image into `out`: the derivative of its
    loss L with respect to its logits z. All arrays are (n, classes); each row of targets sums to 1.
    """

    values: Values
    derivative: Callable[[Floats, Floats, Floats, Floats], object]


def _cross_entropy(logits: Floats, labels: Bytes, label_smoothing: float = 0.0) -> NDArray[np.float64]:
    # −Σ y log p = log Σe^(z − max) − Σ y (z − max): no log 0, even for a confident wrong answer
    z = logits.astype(np.float64)  # (n, classes)
    z -= z.max(axis=1, keepdims=True)
    losses: NDArray[np.float64] = np.log(np.exp(z).sum(axis=1))  # (n,)
    losses -= (1 - label_smoothing) * z[np.arange(len(z)), labels]
    if label_smoothing:
        losses -= label_smoothing * z.mean(axis=1)
    return losses


def _cross_entropy_derivative(_logits: Floats, probabilities: Floats, targets: Floats, out: Floats) -> None:
    # dL/dz = p − y
    np.subtract(probabilities, targets, out=out)


def _quadratic(logits: Floats, labels: Bytes, label_smoothing: float = 0.0) -> NDArray[np.float64]:
    # ½ Σ (p − y)²
    error = softmax(logits.astype(np.float64))  # (n, classes)
    error -= label_smoothing / error.shape[1]
    error[np.arange(len(error)), labels] -= 1 - label_smoothing
    losses: NDArray[np.float64] = 0.5 * np.einsum("ij,ij->i", error, error)  # (n,)
    return losses


def _quadratic_derivative(_logits: Floats, probabilities: Floats, targets: Floats, out: Floats) -> None:
    # dL/dz = p ∘ (e − Σ e p) with e = p − y: the softmax's Jacobian times e
    np.subtract(probabilities, targets, out=out)
    out -= np.einsum("ij,ij->i", out, probabilities)[:, None]  # (n, 1)
    np.multiply(out, probabilities, out=out)


def _hinge(logits: Floats, labels: Bytes, label_smoothing: float = 0.0) -> NDArray[np.float64]:
    # max(0, 1 + the highest other z − z_label) (Crammer & Singer 2001), of raw scores; smoothing has no effect
    z, images = logits.astype(np.float64), np.arange(len(logits))
    right = z[images, labels]  # (n,)
    z[images, labels] = -np.inf
    losses: NDArray[np.float64] = np.maximum(0, 1 + z.max(axis=1) - right)  # (n,)
    return losses


def _hinge_derivative(logits: Floats, _probabilities: Floats, targets: Floats, out: Floats) -> None:
    # Where the label leads by less than 1: dL/dz is 1 at the highest other, −1 at the label (the greatest target).
    images, labels = np.arange(len(logits)), targets.argmax(axis=1)  # (n,)
    np.copyto(out, logits)
    out[images, labels] = -np.inf
    rivals = out.argmax(axis=1)  # (n,)
    wanting = 1 + out[images, rivals] > logits[images, labels]  # (n,)
    out.fill(0)
    out[images, rivals] = wanting
    out[images, labels] -= wanting


LOSSES: dict[str, Loss] = {
    "cross_entropy": Loss(_cross_entropy, _cross_entropy_derivative),
    "quadratic": Loss(_quadratic, _quadratic_derivative),
    "hinge": Loss(_hinge, _hinge_derivative),
}
