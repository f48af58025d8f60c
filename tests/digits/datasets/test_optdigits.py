from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

from digits.datasets import Dataset, atomic, optdigits
from digits.datasets.errors import StorageError


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("uci") / "uci-digits"


@pytest.fixture
def substitute(folder: Path) -> Dataset:
    return optdigits.load(folder)


def test_all_1797_digits_are_there_each_in_one_split(substitute: Dataset) -> None:
    assert (len(substitute.train), len(substitute.test)) == (1_500, 297)
    images = np.concatenate([substitute.train.images, substitute.test.images])
    redrawn = {optdigits.redraw(cells).tobytes() for cells in load_digits().images}
    assert {image.tobytes() for image in images} == redrawn


def test_labels_stay_with_their_images(substitute: Dataset) -> None:
    digits = load_digits()
    label_of = {
        optdigits.redraw(cells).tobytes(): label
        for cells, label in zip(digits.images, digits.target, strict=True)
    }
    for image, label in zip(substitute.test.images, substitute.test.labels, strict=True):
        assert label_of[image.tobytes()] == label


def test_both_splits_hold_the_digits_in_the_same_proportion(substitute: Dataset) -> None:
    train = np.bincount(substitute.train.labels)
    test = np.bincount(substitute.test.labels)
    assert np.abs(test - (train + test) * 297 / 1797).max() < 1


def test_the_splits_are_shuffled_and_always_the_same(substitute: Dataset) -> None:
    assert substitute.train.labels[:12].tolist() == [9, 3, 4, 4, 3, 8, 2, 1, 8, 8, 1, 4]
    assert np.abs(np.diff(substitute.test.labels.astype(int))).mean() > 2


def test_the_second_time_the_files_are_opened(substitute: Dataset, folder: Path) -> None:
    before = {file: file.stat().st_mtime_ns for file in folder.iterdir()}
    again = optdigits.load(folder)
    assert {file: file.stat().st_mtime_ns for file in folder.iterdir()} == before
    np.testing.assert_array_equal(again.test.images, substitute.test.images)


def test_a_damaged_file_is_made_again(substitute: Dataset, folder: Path) -> None:
    (folder / "test-images").write_bytes(b"damaged")
    np.testing.assert_array_equal(optdigits.load(folder).test.images, optdigits.load(folder).test.images)
    assert len(optdigits.load(folder).test) == 297


def test_where_nothing_can_be_written_the_digits_are_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(path: Path) -> None:
        raise StorageError(f"{path}: cannot be written")

    monkeypatch.setattr(atomic, "replacing", forbidden)
    substitute = optdigits.load(tmp_path)
    assert len(substitute.train) == 1_500
    with pytest.raises(ValueError, match="read-only"):
        substitute.train.images[0] = 0


def test_the_ink_fills_a_box_of_20_pixels_about_its_centre_of_mass() -> None:
    cells = np.zeros((8, 8))
    cells[2:6, 3] = 16  # a bar, four cells high
    image = optdigits.redraw(cells)
    rows, columns = image.any(axis=1), image.any(axis=0)
    assert rows.sum() == 20
    assert columns.sum() < 10
    assert rows.argmax() in (4, 5)
    assert abs(columns.argmax() + columns.sum() / 2 - 14.5) <= 0.5
    assert image.max() == 255


def test_no_digit_is_torn_or_lost() -> None:
    shares = [(optdigits.redraw(cells) > 0).mean() for cells in load_digits().images[:300]]
    assert min(shares) > 0.1
    assert max(shares) < 0.35
