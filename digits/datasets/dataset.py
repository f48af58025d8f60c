"""Labelled images of ten classes, handwritten digits first of all."""

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
    """What a dataset is, whether or not it is on this machine."""

    name: str
    title: str
    summary: str  # one sentence
    source: str  # origin and licence, one sentence
    train: int  # images
    test: int  # images
    classes: tuple[str, ...] = DIGIT_NAMES


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
    """Images to train on and to test with."""

    name: str  # "mnist", "fashion-mnist" …, "own-7"
    title: str
    train: Split
    test: Split
    is_substitute: bool  # it stands in for MNIST, which isn't here
    source: str  # origin and licence, one sentence
    classes: tuple[str, ...] = DIGIT_NAMES  # the name of each label

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the content: the same wherever and under whatever name the same images and labels lie.

        Reads everything the first time, a tenth of a second for MNIST."""
        return fingerprint(self.train, self.test)


def fingerprint(train: Split, test: Split) -> str:
    """SHA-256 in hexadecimal of the numbers of images, then all images and labels in their order."""
    digest = hashlib.sha256()
    for array in (train.images, train.labels, test.images, test.labels):
        digest.update(f"{len(array)} ".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
