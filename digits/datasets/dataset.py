"""Labelled images of up to ten classes, usually handwritten digits."""

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

SIDE = 28  # pixels; every image is SIDE × SIDE
DIGITS = 10
DIGIT_NAMES = tuple("0123456789")

Bytes = NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class Description:
    """Describes a dataset, whether or not it is on this machine."""

    name: str
    title: str
    summary: str  # one sentence
    source: str  # origin and licence, one sentence
    train: int  # images
    test: int  # images
    classes: tuple[str, ...] = DIGIT_NAMES


@dataclass(frozen=True, eq=False)
class Split:
    """A part of a dataset. Arrays opened from plain files are read-only and memory-mapped: a memory page is used
    only once it has been read, and processes share it."""

    images: Bytes  # (n, 28, 28), 0 = background, 255 = ink
    labels: Bytes  # (n,), 0–9

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, rows: slice) -> "Split":
        """A slice of the split, as views: nothing is copied."""
        return Split(self.images[rows], self.labels[rows])


@dataclass(frozen=True, eq=False)
class Dataset:
    """Images to train on and to test with."""

    name: str  # "mnist", "fashion-mnist" …, "own-7"
    title: str
    train: Split
    test: Split
    is_substitute: bool  # it stands in for MNIST, which isn't on this machine
    source: str  # origin and licence, one sentence
    classes: tuple[str, ...] = DIGIT_NAMES  # the name of each label

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the content: the same images and labels give the same one under any name, on any machine.

        Reads everything the first time: 0.1 s for MNIST."""
        return fingerprint(self.train, self.test)


def fingerprint(train: Split, test: Split) -> str:
    """SHA-256 in hexadecimal of each array, preceded by its length: training images and labels, then test ones."""
    digest = hashlib.sha256()
    for array in (train.images, train.labels, test.images, test.labels):
        digest.update(f"{len(array)} ".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
