"""The images for training and for validation, with some wrong labels on request."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from digits.datasets import Split
from training.ml.config.hyperparameters import Hyperparameters
from training.ml.config.layer_types import CLASSES, INPUTS
from training.ml.nn.arrays import Bytes

Indices = NDArray[np.intp]

# Images of each class relative to the first; "natural" keeps the dataset's own numbers.
CLASS_SHARES = {"balanced": np.ones(CLASSES), "long_tail": np.geomspace(1, 0.01, CLASSES)}


@dataclass(frozen=True, eq=False)
class Selection:
    """Some of a dataset's images, in an order of its own; images are copied only when they are gathered."""

    images: Bytes  # (m, 28, 28), also images that are not chosen
    labels: Bytes  # (n,) of the chosen images, some of them wrong with label noise
    indices: Indices | None = None  # (n,) of the chosen images; None: all are chosen

    @classmethod
    def of(cls, images: Split | Selection) -> Selection:
        """All images of a split; a selection is returned as it is."""
        return images if isinstance(images, Selection) else cls(images.images, images.labels)

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, rows: slice) -> Split:
        """The chosen images of a slice; copied unless all are chosen."""
        chosen = rows if self.indices is None else self.indices[rows]
        return Split(self.images[chosen], self.labels[rows])

    def gather(self, rows: NDArray[np.int64], out: Bytes) -> None:
        """Copy the chosen images with the numbers `rows` (k,), all below len(self), to `out` (k, 784)."""
        indices = rows if self.indices is None else self.indices[rows]
        # mode="clip", because "raise" would fill a copy of `out` first
        np.take(self.images.reshape(-1, INPUTS), indices, axis=0, out=out, mode="clip")


def split(images: Split, hyperparameters: Hyperparameters) -> tuple[Selection, Split]:
    """Training and validation images of a dataset's training split, without a copy.

    Only the first `training_images` count, or all if there are fewer. The last of them, a share `validation_split`
    and at least one, are for validation; `class_balance` and `label_noise` don't change these. The others are for
    training. With a balance other than "natural", the training images are instead the first ones of each class from
    the whole split without the validation images, about as many as before or fewer. Raises ValueError for fewer than
    two images.
    """
    count = min(hyperparameters.training_images or len(images), len(images))
    if count < 2:
        raise ValueError(f"A training needs at least 2 images, not {count}.")
    start = count - max(1, round(count * hyperparameters.validation_split))
    train = Selection.of(images[:start])
    if hyperparameters.class_balance != "natural":
        others = np.r_[0:start, count : len(images)]
        first = first_of_each(images.labels[others], start, CLASS_SHARES[hyperparameters.class_balance])
        train = Selection(images.images, images.labels[others[first]], others[first])
    labels = mislabelled(train.labels, hyperparameters.label_noise, hyperparameters.seed)
    return replace(train, labels=labels), images[start:count]


def first_of_each(labels: Bytes, count: int, shares: NDArray[np.float64]) -> Indices:
    """The indices, ascending, of the first images of each class, in proportion to `shares` (10,).

    As many as possible, at most `count` in all; but at least one of each class that occurs, even if that exceeds
    `count`.
    """
    available = np.bincount(labels, minlength=CLASSES)  # (10,)
    occurs = available > 0
    most = min(count / shares[occurs].sum(), (available / shares)[occurs].min())
    # 1e-6 corrects products that rounding leaves just below a whole number.
    wanted = np.maximum((most * shares + 1e-6).astype(np.intp), 1)  # (10,)
    return np.sort(np.concatenate([np.flatnonzero(labels == k)[: wanted[k]] for k in range(CLASSES)]))


def mislabelled(labels: Bytes, share: float, seed: int) -> Bytes:
    """The labels with a share (0 to 1) of them replaced, each by one of the nine others with equal probability."""
    wrong = round(share * len(labels))
    if not wrong:
        return labels
    generator = np.random.default_rng([seed, 5])
    rows = generator.permutation(len(labels))[:wrong]
    changed = labels.copy()
    changed[rows] = (changed[rows] + generator.integers(1, CLASSES, wrong)) % CLASSES
    return changed
