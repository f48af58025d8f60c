"""The substitute for MNIST: 1,797 real handwritten digits that come with scikit-learn, redrawn like MNIST's.

They are 8 × 8 pixels of 0–16, each the ink in a block of 4 × 4 pixels of the scan. MNIST's convention:
28 × 28 pixels of 0–255, the larger side of the ink's box 20 pixels, the centre of mass at index (14, 14)."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from digits.datasets import idx
from digits.datasets.dataset import Bytes, Dataset, Description, Split
from digits.datasets.errors import DatasetError, StorageError
from digits.ink import bitmap

TRAIN, TEST = 1_500, 297  # images
ABOUT = Description(
    name="uci-digits",
    title="UCI digits",
    summary="1,797 digits, scanned at 8 × 8 pixels and redrawn as MNIST's: small, quick, and always here.",
    source="Optical Recognition of Handwritten Digits by E. Alpaydin and C. Kaynak (UCI Machine Learning "
    "Repository, 1998), licensed under CC BY 4.0, from scikit-learn, redrawn at 28 × 28 pixels.",
    train=TRAIN,
    test=TEST,
)

_CELLS = 8  # along a side
_FINE = 120  # points along a side of the fine grid

# A point belongs to the stroke where a narrow mean of the ink is high in relation to a wide mean around it: faint
# strokes stay, and thick ones become thinner.
# Fitted to MNIST's mean (0.131), standard deviation (0.308) and share of inked pixels (0.19).
_SHARP, _BLURRED = 0.55, 0.9  # cells, standard deviations of two Gaussians
_FLOOR = 0.1  # ink added to the wide mean, so that specks on empty paper don't become strokes
_CEILING = 0.75  # the most of the wide mean, so that thick strokes stay solid
_LEVEL, _SOFTNESS = 0.955, 0.14  # contrast at the stroke's edge, and the width of its fade, in contrast
_VISIBLE = 0.4  # ink fainter than this does not count for the bounding box


def load(folder: Path) -> Dataset:
    """The substitute, from its files in the folder. The first time, these files are made in about two seconds.

    Where they cannot be written, the arrays are in memory. The split is the same on every machine and at any time."""
    try:
        return _open(folder)
    except DatasetError:
        arrays = _make()
    try:
        for name, array in arrays.items():
            idx.write(folder / name, array)
        return _open(folder)
    except StorageError:
        for array in arrays.values():
            array.flags.writeable = False
        return _dataset(*arrays.values())


def redraw(cells: NDArray[np.floating]) -> Bytes:
    """A digit of (8, 8) cells from 0 to 16, redrawn in MNIST's convention, uint8 (28, 28)."""
    x = cells / 16  # (8, 8)
    around = np.minimum(_BLURRED_ROWS @ x @ _BLURRED_ROWS.T, _CEILING) + _FLOOR  # (120, 120)
    contrast = (_SHARP_ROWS @ x @ _SHARP_ROWS.T) / around  # (120, 120)
    stroke = np.clip((contrast - _LEVEL) / _SOFTNESS + 0.5, 0, 1)  # (120, 120)
    return bitmap.normalise(stroke, _VISIBLE)


def _open(folder: Path) -> Dataset:
    return _dataset(
        idx.read_images(folder / "train-images", TRAIN),
        idx.read_labels(folder / "train-labels", TRAIN),
        idx.read_images(folder / "test-images", TEST),
        idx.read_labels(folder / "test-labels", TEST),
    )


def _dataset(train_images: Bytes, train_labels: Bytes, test_images: Bytes, test_labels: Bytes) -> Dataset:
    train, test = Split(train_images, train_labels), Split(test_images, test_labels)
    return Dataset(ABOUT.name, ABOUT.title, train, test, is_substitute=True, source=ABOUT.source)


def _make() -> dict[str, Bytes]:
    from sklearn.datasets import load_digits  # the import takes a second or two, and is needed only once

    digits = load_digits()
    images = np.stack([redraw(cells) for cells in digits.images])  # (1797, 28, 28)
    labels = digits.target.astype(np.uint8)  # (1797,)
    train, test = _split(labels)
    return {
        "train-images": images[train],
        "train-labels": labels[train],
        "test-images": images[test],
        "test-labels": labels[test],
    }


def _split(labels: Bytes) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Shuffled indices of the training and test images, with the same share of every digit in both."""
    lot = np.random.RandomState(0).random_sample(len(labels))  # NumPy never changes this generator's numbers
    by_digit = np.lexsort((lot, labels))  # every digit together, in random order
    every_sixth = np.arange(TEST) * len(labels) // TEST
    is_test = np.zeros(len(labels), bool)
    is_test[by_digit[every_sixth]] = True
    shuffled = np.argsort(lot)
    return shuffled[~is_test[shuffled]], shuffled[is_test[shuffled]]


def _gaussians(deviation: float) -> NDArray[np.float64]:
    """The Gaussian weight of each cell at each point of the fine grid, along one side, (120, 8)."""
    points = (np.arange(_FINE) + 0.5) / _FINE * (_CELLS + 2) - 1.5  # with a margin of one cell on both sides
    distance = (points[:, None] - np.arange(_CELLS)) / deviation  # (120, 8)
    weights: NDArray[np.float64] = np.exp(-(distance**2) / 2) / (deviation * np.sqrt(2 * np.pi))
    return weights


_SHARP_ROWS = _gaussians(_SHARP)
_BLURRED_ROWS = _gaussians(_BLURRED)
