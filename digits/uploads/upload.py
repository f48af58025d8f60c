"""Turns an upload into a dataset: IDX files here, labelled pictures in `image_folder`.

Every error is a `DatasetError`: one line with the limit and the value found."""

import gzip
import io
from dataclasses import dataclass
from typing import IO

import numpy as np

from digits.datasets import idx
from digits.datasets.dataset import DIGITS, SIDE, Bytes, Split
from digits.datasets.errors import DatasetError

MOST_BYTES = 25_000_000  # in all files of an upload together
MOST_IMAGES = 20_000
FEWEST_IMAGES = 100
FEWEST_LABELS = 2
MOST_MEMBERS = 1000  # parts of a gzip file, of which each takes time, an empty one too
_MEMBER = b"\x1f\x8b\x08"
TEST_SHARE = 10  # without test images, one image of this many is set aside for the test


@dataclass(frozen=True)
class Upload:
    """An uploaded dataset, checked and ready to be stored."""

    train: Split
    test: Split
    notes: tuple[str, ...]  # sentences about the changes made to the images


def read_images(file: IO[bytes], name: str) -> Bytes:
    """The images of an IDX file, plain or in gzip, uint8 (n, 28, 28).

    Raises `DatasetError`, with ``name`` as the file's name, for an invalid file or more than MOST_IMAGES images."""
    return _body(file, name, idx.IMAGES, 16).reshape(-1, SIDE, SIDE)


def read_labels(file: IO[bytes], name: str) -> Bytes:
    """The labels of an IDX file, uint8 (n,), each 0–9; otherwise like `read_images`."""
    return _body(file, name, idx.LABELS, 8)


def turned(split: Split) -> Split:
    """The images with rows and columns swapped: EMNIST's files hold them so."""
    return Split(np.ascontiguousarray(split.images.transpose(0, 2, 1)), split.labels)


def from_idx(train: Split, test: Split | None = None) -> Upload:
    """A dataset of images from IDX files: inverts dark ink, and makes a missing test split.

    Raises `DatasetError` for different numbers of images and labels, and as `complete` does."""
    parts = [part for part in (train, test) if part]
    for part in parts:
        if len(part.images) != len(part.labels):
            raise DatasetError(
                f"Expected {len(part.images):,} labels, one an image, found {len(part.labels):,}"
            )
    if not _paper_is_light(parts):
        return complete(train, test)
    train, *others = (Split(255 - part.images, part.labels) for part in parts)
    return complete(
        train, *others, notes=("The ink was dark on light paper: all images were inverted, as in MNIST.",)
    )


def complete(train: Split, test: Split | None = None, *, notes: tuple[str, ...] = ()) -> Upload:
    """The dataset; without a test split, a tenth of each label is taken from the training images.

    Raises `DatasetError` for too few or too many images, too few labels, a test label that isn't among the training
    labels, and an empty test split."""
    count = len(train) + len(test or ())
    check_count(count)
    if count < FEWEST_IMAGES:
        raise DatasetError(f"Expected at least {FEWEST_IMAGES} images, found {count}")
    present = np.unique(train.labels)
    if len(present) < FEWEST_LABELS:
        raise DatasetError(
            f"Expected at least {FEWEST_LABELS} different labels, found only {_listed(present)}"
        )
    train = _mixed(train)
    if test is None:
        train, test = _divided(train)
        notes += (f"Of each label a tenth, {len(test):,} images in all, was set aside for the test.",)
    if len(unknown := np.setdiff1d(test.labels, present)):
        raise DatasetError(
            f"Expected the test's labels among those to train on, found {_listed(unknown)} too"
        )
    if not len(test):
        raise DatasetError("Expected at least one image to test with, found none")
    return Upload(train, test, notes)


def check_count(count: int) -> None:
    """Raises `DatasetError` for more images than one dataset may have."""
    if count > MOST_IMAGES:
        raise DatasetError(f"Expected at most {MOST_IMAGES:,} images, found {count:,}")


def packed(array: Bytes) -> bytes:
    """Images or labels as an IDX file in gzip; equal arrays give equal bytes."""
    return gzip.compress(idx.header(array) + array.tobytes(), mtime=0)


def _body(file: IO[bytes], name: str, magic: int, header: int) -> Bytes:
    data = file.read()
    if data.count(_MEMBER) > MOST_MEMBERS:
        raise DatasetError(f"{name}: expected an ordinary gzip file, found one of very many parts")
    stream = io.BufferedReader(io.BytesIO(data))
    content = b"".join(idx.chunks(stream, name, magic, most=MOST_IMAGES))
    return np.frombuffer(content, np.uint8, offset=header)


def _paper_is_light(parts: list[Split]) -> bool:
    """Whether most images have a light border."""
    edge = np.ones((SIDE, SIDE), bool)
    edge[1:-1, 1:-1] = False
    light = sum(int((part.images[:, edge].mean(axis=1) > 127).sum()) for part in parts)
    return light * 2 > sum(len(part) for part in parts)


def _mixed(split: Split) -> Split:
    """The images in an order in which every stretch has about the same share of each label; always the same order.

    A file may come one label after the other, and a training takes its images from one end and validates at the other.
    """
    lot = np.random.RandomState(0).random_sample(len(split))  # NumPy never changes this generator's numbers
    place = np.zeros(len(split))  # where in the whole each image stands, 0–1
    for label in np.unique(split.labels):
        rows = np.flatnonzero(split.labels == label)
        place[rows[np.argsort(lot[rows])]] = (np.arange(len(rows)) + lot[rows]) / len(rows)
    order = np.argsort(place, kind="stable")  # (n,)
    return Split(split.images[order], split.labels[order])


def _divided(whole: Split) -> tuple[Split, Split]:
    """Training images, and test images: every tenth of each label. `whole` is mixed."""
    is_test = np.zeros(len(whole), bool)
    for label in range(DIGITS):
        rows = np.flatnonzero(whole.labels == label)
        if len(rows) > 1:
            is_test[rows[::TEST_SHARE]] = True
    return (
        Split(whole.images[~is_test], whole.labels[~is_test]),
        Split(whole.images[is_test], whole.labels[is_test]),
    )


def _listed(labels: Bytes) -> str:
    return ", ".join(str(label) for label in labels) or "none"
