"""Images of handwritten digits with their labels."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SIDE = 28  # pixels; every image is SIDE × SIDE
DIGITS = 10

Bytes = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Split:
    """A part of a dataset. Both arrays are read-only and mapped from files: a page of them takes memory only
    once it has been looked at, and that memory is shared between processes."""

    images: Bytes  # (n, 28, 28), 0 = background, 255 = ink
    labels: Bytes  # (n,), 0–9

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, rows: slice) -> "Split":
        """The images of a slice, as views: nothing is copied."""
        return Split(self.images[rows], self.labels[rows])


@dataclass(frozen=True, eq=False)
class Dataset:
    """Handwritten digits to train on and to test with."""

    name: str  # "mnist" or "uci-digits"
    title: str
    train: Split
    test: Split
    is_substitute: bool  # it stands in for MNIST, which isn't here
    source: str  # origin and licence, one sentence
