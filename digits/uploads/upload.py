"""What somebody uploads, made into a dataset: IDX files here, labelled pictures in `image_folder`.

Whatever is wrong is a `DatasetError`: one line with the limit and what was found."""

import gzip
import io
from dataclasses import dataclass
from typing import IO

import numpy as np

from digits.datasets import idx
from digits.datasets.dataset import DIGITS, SIDE, Bytes, Split
from digits.datasets.errors import DatasetError

MOST_BYTES = 25_000_000  # of an upload, all its files together
MOST_IMAGES = 20_000
FEWEST_IMAGES = 100
FEWEST_LABELS = 2
TEST_SHARE = 10  # one image in so many is kept for the test where none are given


@dataclass(frozen=True)
class Upload:
    """A dataset as it came, ready to be kept."""

    train: Split
    test: Split
    notes: tuple[str, ...]  # sentences that say what was done to it


def read_images(file: IO[bytes], name: str) -> Bytes:
    """The images of an IDX file, plain or in gzip, uint8 (n, 28, 28); ``name`` is what errors call the file."""
    return _body(file, name, idx.IMAGES, 16).reshape(-1, SIDE, SIDE)


def read_labels(file: IO[bytes], name: str) -> Bytes:
    """The labels of an IDX file, uint8 (n,), otherwise as `read_images`."""
    return _body(file, name, idx.LABELS, 8)


def from_idx(train: Split, test: Split | None = None) -> Upload:
    """A dataset of images as IDX files hold them: dark ink is inverted, and a missing test split is made."""
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
    """The dataset, if it has enough images and labels and not too many; with a test split taken from the
    images to train on where there is none."""
    count = len(train) + len(test or ())
    check_count(count)
    if count < FEWEST_IMAGES:
        raise DatasetError(f"Expected at least {FEWEST_IMAGES} images, found {count}")
    present = np.unique(train.labels)
    if len(present) < FEWEST_LABELS:
        raise DatasetError(
            f"Expected at least {FEWEST_LABELS} different labels, found only {_listed(present)}"
        )
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
    """Images or labels as an IDX file in gzip, the same bytes for the same array."""
    return gzip.compress(idx.header(array) + array.tobytes(), mtime=0)


def _body(file: IO[bytes], name: str, magic: int, header: int) -> Bytes:
    stream = io.BufferedReader(io.BytesIO(file.read()))
    content = b"".join(idx.chunks(stream, name, magic, most=MOST_IMAGES))
    return np.frombuffer(content, np.uint8, offset=header)


def _paper_is_light(parts: list[Split]) -> bool:
    """Told from the outermost pixels of all images."""
    edge = np.ones((SIDE, SIDE), bool)
    edge[1:-1, 1:-1] = False
    light = sum(int((part.images[:, edge].mean(axis=1) > 127).sum()) for part in parts)
    return light * 2 > sum(len(part) for part in parts)


def _divided(whole: Split) -> tuple[Split, Split]:
    """Images to train on and to test with: a random tenth of every label, the same whenever it is asked for."""
    lot = np.random.RandomState(0).random_sample(len(whole))  # this generator's numbers never change
    is_test = np.zeros(len(whole), bool)
    for label in range(DIGITS):
        rows = np.flatnonzero(whole.labels == label)
        by_lot = rows[np.argsort(lot[rows])]
        is_test[by_lot[: -(-len(rows) // TEST_SHARE) if len(rows) > 1 else 0]] = True
    return (
        Split(whole.images[~is_test], whole.labels[~is_test]),
        Split(whole.images[is_test], whole.labels[is_test]),
    )


def _listed(labels: Bytes) -> str:
    return ", ".join(str(label) for label in labels) or "none"
