import gzip
import io
import struct
from collections.abc import Callable

import numpy as np
import pytest

from digits.datasets import DatasetError, Split
from digits.datasets.dataset import Bytes
from digits.uploads import upload
from digits.uploads.upload import complete, from_idx, packed, read_images, read_labels


def split(count: int, labels: int = 5, paper: int = 0) -> Split:
    images = np.full((count, 28, 28), paper, np.uint8)
    images[:, 5:20, 10:14] = 255 - paper
    images[:, 6, 11] = np.arange(count)  # so that one can tell them
    return Split(images, (np.arange(count) % labels).astype(np.uint8))


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(DatasetError) as caught:
        call()
    return str(caught.value)


@pytest.mark.parametrize("unpack", [lambda data: data, gzip.decompress])
def test_idx_files_are_read_packed_or_not(unpack: Callable[[bytes], bytes]) -> None:
    given = split(120)
    images = read_images(io.BytesIO(unpack(packed(given.images))), "images")
    labels = read_labels(io.BytesIO(unpack(packed(given.labels))), "labels")
    np.testing.assert_array_equal(images, given.images)
    np.testing.assert_array_equal(labels, given.labels)


def test_packing_gives_the_same_bytes_always() -> None:
    assert packed(split(9).images) == packed(split(9).images.copy())


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"", "f: expected a header of 16 bytes, found 0"),
        (packed(split(3).labels), "f: expected a header of 16 bytes, found 11"),
        (packed(split(30).labels), "f: expected magic number 0x00000803 (images), found 0x00000801"),
        (
            struct.pack(">4I", 0x803, 2, 8, 8) + bytes(128),
            "f: expected images of 28 × 28 pixels, found 8 × 8",
        ),
        (struct.pack(">4I", 0x803, 60_000, 28, 28), "f: expected at most 20,000 entries, found 60,000"),
        (packed(split(30).images)[:-20], "f: expected a whole gzip file, found one that ends too early"),
        (struct.pack(">4I", 0x803, 1, 28, 28) + bytes(785), "f: expected 800 bytes, found more"),
    ],
)
def test_a_file_that_is_not_as_it_should_be_is_refused_in_a_line(data: bytes, line: str) -> None:
    assert refusal(lambda: read_images(io.BytesIO(data), "f")) == line


def test_a_bomb_in_gzip_is_not_unpacked() -> None:
    bomb = gzip.compress(struct.pack(">4I", 0x803, 100, 28, 28) + bytes(100 * 784 + 50_000_000))
    assert refusal(lambda: read_images(io.BytesIO(bomb), "f")) == "f: expected 78,416 bytes, found more"


def test_labels_beyond_nine_are_refused() -> None:
    data = packed(np.full(100, 10, np.uint8))
    assert refusal(lambda: read_labels(io.BytesIO(data), "f")) == "f: expected labels from 0 to 9, found 10"


def test_a_tenth_of_each_label_is_set_aside() -> None:
    whole = split(200)
    taken = from_idx(whole)
    assert np.bincount(taken.train.labels).tolist() == [36] * 5
    assert np.bincount(taken.test.labels).tolist() == [4] * 5
    numbers = [part.images[:, 6, 11].astype(int) for part in (taken.train, taken.test)]
    assert sorted(np.concatenate(numbers)) == list(range(200))
    np.testing.assert_array_equal(from_idx(whole).test.images, taken.test.images)


@pytest.mark.parametrize("count", [100, 1000])
def test_a_file_in_the_order_of_its_labels_is_mixed_evenly(count: int) -> None:
    whole = split(count, labels=10)
    in_order = np.argsort(whole.labels, kind="stable")
    taken = from_idx(Split(whole.images[in_order], whole.labels[in_order])).train
    for stretch in np.array_split(taken.labels, 5):  # a fifth to validate with, or to train on
        counts = np.bincount(stretch, minlength=10)
        assert counts.max() - counts.min() <= 3
    again = from_idx(Split(whole.images[in_order], whole.labels[in_order])).train
    np.testing.assert_array_equal(again.images, taken.images)


def test_an_image_and_its_label_stay_together() -> None:
    whole = split(100)
    known = {image.tobytes(): label for image, label in zip(whole.images, whole.labels, strict=True)}
    taken = from_idx(whole)
    for part in (taken.train, taken.test):
        for image, label in zip(part.images, part.labels, strict=True):
            assert known[image.tobytes()] == label


def test_images_that_lie_on_their_side_are_turned() -> None:
    whole = split(100)
    np.testing.assert_array_equal(upload.turned(whole).images[7], whole.images[7].T)


def test_a_gzip_file_of_very_many_empty_parts_is_refused_at_once() -> None:
    data = gzip.compress(b"") * 200_000
    assert "of very many parts" in refusal(lambda: read_labels(io.BytesIO(data), "f"))


def test_a_label_of_a_single_image_stays_to_train_on() -> None:
    whole = split(101)
    whole.labels[-1] = 9
    taken = complete(whole)
    assert 9 in taken.train.labels
    assert 9 not in taken.test.labels


def test_a_given_test_split_is_kept() -> None:
    train, test = split(100), split(20)
    taken = from_idx(train, test)
    assert sorted(taken.train.images.sum(axis=(1, 2))) == sorted(train.images.sum(axis=(1, 2)))
    assert taken.test is test
    assert taken.notes == ()


def test_dark_ink_is_inverted_in_both_splits_and_that_is_said() -> None:
    taken = from_idx(split(100, paper=255), split(20, paper=255))
    assert taken.train.images[:, 0, 0].max() == taken.test.images[:, 0, 0].max() == 0
    assert taken.train.images[0, 10, 12] == 255
    assert taken.notes == ("The ink was dark on light paper: all images were inverted, as in MNIST.",)


def wrong_length() -> Bytes:
    return split(99).labels


def test_images_and_labels_must_be_as_many() -> None:
    pair = Split(split(100).images, wrong_length())
    assert refusal(lambda: from_idx(pair)) == "Expected 100 labels, one an image, found 99"
    assert refusal(lambda: from_idx(split(100), pair)) == "Expected 100 labels, one an image, found 99"


def test_limits_are_named_with_what_was_found(monkeypatch: pytest.MonkeyPatch) -> None:
    assert refusal(lambda: complete(split(99))) == "Expected at least 100 images, found 99"
    assert (
        refusal(lambda: complete(split(150, labels=1)))
        == "Expected at least 2 different labels, found only 0"
    )
    assert (
        refusal(lambda: complete(split(100), split(0)))
        == "Expected at least one image to test with, found none"
    )
    foreign = Split(split(4).images, np.array([0, 7, 8, 0], np.uint8))
    line = "Expected the test's labels among those to train on, found 7, 8 too"
    assert refusal(lambda: complete(split(100), foreign)) == line
    monkeypatch.setattr(upload, "MOST_IMAGES", 149)
    assert refusal(lambda: complete(split(100), split(50))) == "Expected at most 149 images, found 150"
