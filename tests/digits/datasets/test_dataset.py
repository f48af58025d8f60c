"""MNIST where it is, otherwise the substitute: everything here must hold of both."""

import mmap

import numpy as np
import pytest
from numpy.typing import NDArray

from digits.datasets import Dataset, Split
from digits.datasets.dataset import Bytes, fingerprint


def extent(brightest: Bytes) -> NDArray[np.intp]:
    """How far it is from the first inked row (or column) to the last, (n,)."""
    inked = brightest > 0  # (n, 28)
    first: NDArray[np.intp] = inked.argmax(axis=1)  # (n,)
    margin: NDArray[np.intp] = inked[:, ::-1].argmax(axis=1)  # (n,), behind the last
    between: NDArray[np.intp] = inked.shape[1] - first - margin  # (n,)
    return between


def test_the_dataset_says_what_it_is(real: Dataset) -> None:
    sizes = {"mnist": (60_000, 10_000), "uci-digits": (1_500, 297)}
    titles = {"mnist": "MNIST", "uci-digits": "UCI digits"}
    assert (len(real.train), len(real.test)) == sizes[real.name]
    assert real.title == titles[real.name]
    assert real.is_substitute == (real.name == "uci-digits")
    assert "licensed under CC" in real.source


def test_images_are_bytes_mapped_from_a_file(real: Dataset) -> None:
    for split in (real.train, real.test):
        assert split.images.dtype == split.labels.dtype == np.uint8
        assert split.images.shape == (len(split), 28, 28)
        assert split.labels.shape == (len(split),)
        base: object = split.images
        while isinstance(base, np.ndarray | memoryview):
            base = base.base if isinstance(base, np.ndarray) else base.obj
        assert isinstance(base, mmap.mmap)


def test_a_slice_is_a_view(real: Dataset) -> None:
    part = real.train[100:150]
    assert len(part) == 50
    assert np.shares_memory(part.images, real.train.images)
    np.testing.assert_array_equal(part.labels, real.train.labels[100:150])
    assert len(real.test[-5:]) == 5


def test_neither_images_nor_labels_can_be_changed(real: Dataset) -> None:
    for array in (real.train.images, real.train.labels, real.test[:3].images):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_every_digit_is_there_in_both_splits(real: Dataset) -> None:
    for split in (real.train, real.test):
        share = np.bincount(split.labels, minlength=10) / len(split)
        assert share.min() > 0.08
        assert share.max() < 0.12


def test_the_larger_side_of_the_ink_is_20_pixels(real: Dataset) -> None:
    images = real.test.images
    larger = np.maximum(extent(images.max(axis=2)), extent(images.max(axis=1)))
    assert (larger == 20).mean() > 0.999


def test_the_centre_of_mass_is_at_14_14(real: Dataset) -> None:
    images = real.test.images
    mass = images.sum(axis=(1, 2), dtype=np.float64)  # (n,)
    for axis in (1, 2):
        centre = images.sum(axis=axis) @ np.arange(28) / mass  # (n,)
        assert np.abs(centre - 14).max() <= 0.5


def test_ink_is_as_dense_as_in_mnist(real: Dataset) -> None:
    images = real.test.images / 255
    assert images.mean() == pytest.approx(0.131, abs=0.004)
    assert images.std() == pytest.approx(0.308, abs=0.006)


def test_the_fingerprint_tells_content_and_nothing_else() -> None:
    images = np.arange(4 * 784, dtype=np.uint8).reshape(4, 28, 28)
    labels = np.array([0, 1, 0, 1], np.uint8)
    train, test = Split(images[:3], labels[:3]), Split(images[3:], labels[3:])
    known = fingerprint(train, test)
    assert len(known) == 64
    # given the same under another name and from elsewhere, then it is the same
    copies = Split(images[:3].copy(), labels[:3].copy())
    assert Dataset("own-7", "Mine", copies, test, False, "").fingerprint == known
    # when a pixel, a label, the order or the division is another, then it isn't
    changed = images[:3].copy()
    changed[0, 0, 0] ^= 1
    for other in (
        (Split(changed, labels[:3]), test),
        (Split(images[:3], 1 - labels[:3]), test),
        (Split(images[:3][::-1], labels[:3][::-1]), test),
        (Split(images[:2], labels[:2]), Split(images[2:], labels[2:])),
    ):
        assert fingerprint(*other) != known
