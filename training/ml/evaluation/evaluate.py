"""A network's loss and accuracy on images whose labels are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from digits.datasets import Split
from training.ml.config.layer_types import CLASSES
from training.ml.nn import Network
from training.ml.nn.losses import LOSSES


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The result of a network on a split."""

    loss: float  # mean over the images, without the l1 and l2 terms
    accuracy: float  # 0..1
    confusion: NDArray[np.int64]  # (10, 10) counts: rows are labels, columns are predictions


def evaluate(
    network: Network, split: Split, loss: str = "cross_entropy", label_smoothing: float = 0.0
) -> Evaluation:
    """The network's mean loss, accuracy and confusion matrix over a split of at least one image.

    `loss` is a name in LOSSES; another raises KeyError. With the label smoothing of its training, a network's loss can
    be compared with its training loss, as in Keras.
    """
    total = 0.0
    confusion = np.zeros((CLASSES, CLASSES), np.int64)
    for start, logits in network.logits(split.images):  # (chunk, 10)
        labels = split.labels[start : start + len(logits)]  # (chunk,)
        with np.errstate(all="ignore"):
            total += float(LOSSES[loss].values(logits, labels, label_smoothing).sum())
        pairs = labels * np.int64(CLASSES) + logits.argmax(axis=1)  # (chunk,): row and column as one number
        confusion += np.bincount(pairs, minlength=CLASSES**2).reshape(CLASSES, CLASSES)
    count = len(split)
    return Evaluation(total / count, float(confusion.trace()) / count, confusion)
