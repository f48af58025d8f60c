"""Zip files of labelled pictures, sound and malicious."""

import io
import struct
import tracemalloc
import zipfile
from collections.abc import Callable

import numpy as np
import pytest

from digits.datasets import DatasetError
from digits.uploads import image_folder
from digits.uploads.upload import Upload
from tests.digits.uploads.test_picture import saved, stroke

NO_PICTURE = "expected a picture (PNG, JPEG, BMP or GIF), found none that can be read"
ONE = saved(stroke(255, 0))
Pack = dict[str, bytes]


def zipped(files: Pack, method: int = zipfile.ZIP_DEFLATED) -> io.BytesIO:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", method) as content:
        for name, data in files.items():
            content.writestr(name, data)
    archive.seek(0)
    return archive


def folder(count: int = 60, prefix: str = "", labels: tuple[int, ...] = (1, 7)) -> Pack:
    return {f"{prefix}{label}/{number}.png": ONE for label in labels for number in range(count)}


def read(files: Pack) -> Upload:
    return image_folder.read(zipped(files), "mine.zip")


def refusal(files: Pack) -> str:
    with pytest.raises(DatasetError) as caught:
        read(files)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_folders_are_labels_and_a_tenth_of_each_becomes_the_test() -> None:
    intake = read(folder())
    assert (len(intake.train), len(intake.test)) == (108, 12)
    assert np.bincount(intake.train.labels).tolist() == [0, 54, 0, 0, 0, 0, 0, 54]
    assert np.bincount(intake.test.labels).tolist() == [0, 6, 0, 0, 0, 0, 0, 6]
    assert (np.diff(intake.train.labels.astype(int)) != 0).any(), "the labels are mixed"
    assert intake.train.images[:, 14, 14].min() == 255


def test_what_was_done_is_said() -> None:
    assert read(folder()).notes == (
        "All pictures had dark ink on light paper and were inverted, as in MNIST.",
        "The ink of each picture was scaled to 20 pixels and centred by its mass, as in MNIST.",
        "Of each label a tenth, 12 images in all, was set aside for the test.",
    )


def test_the_same_file_gives_the_same_dataset() -> None:
    first, second = read(folder()), read(folder())
    np.testing.assert_array_equal(first.test.images, second.test.images)
    np.testing.assert_array_equal(first.train.labels, second.train.labels)


@pytest.mark.parametrize("wrapper", ["", "my digits/", "a/b/"])
@pytest.mark.parametrize(("train", "test"), [("train", "Test"), ("training", "testing")])
def test_train_and_test_are_kept_apart_wherever_they_lie(wrapper: str, train: str, test: str) -> None:
    intake = read(folder(60, f"{wrapper}{train}/") | folder(5, f"{wrapper}{test}/"))
    assert (len(intake.train), len(intake.test)) == (120, 10)
    assert "set aside" not in " ".join(intake.notes)


def test_what_file_managers_leave_behind_is_passed_over() -> None:
    litter = {"__MACOSX/1/._0.png": b"x", "1/.DS_Store": b"x", "7/Thumbs.db": b"x", ".hidden/1/a.png": b"x"}
    litter |= {
        "1/Icon\r": b"x",
        "7/ehthumbs.db": b"x",
        "README.md": b"x",
        "licence": b"x",
        "about/notes.txt": b"x",
    }
    assert len(read(folder() | litter).train) == 108


def test_backslashes_are_slashes() -> None:
    assert len(read({name.replace("/", "\\"): data for name, data in folder().items()}).train) == 108


def test_pictures_whose_border_tells_nothing_go_with_the_others() -> None:
    half = np.full((40, 40), 255, np.uint8)
    half[:, :20] = 0
    half[15:25, 25:35] = 0
    intake = read(folder() | {f"3/{n}.png": saved(half) for n in range(20)})
    assert intake.notes[0].startswith("All pictures had dark ink")
    threes = intake.train.images[intake.train.labels == 3]
    assert (threes[:, 14, 8] == 255).all(), "the dark half is ink"


@pytest.mark.parametrize(
    ("extra", "line"),
    [
        ({"3/notes.png": b"hello"}, f"3/notes.png: {NO_PICTURE}"),
        ({"a.png": ONE}, "a.png: expected a folder named by its label, 0 to 9, found 'none'"),
        ({"1/readme.txt": b"hello"}, f"1/readme.txt: {NO_PICTURE}"),
        ({"cat/a.png": ONE}, "cat/a.png: expected a folder named by its label, 0 to 9, found 'cat'"),
        ({"10/a.png": ONE}, "10/a.png: expected a folder named by its label, 0 to 9, found '10'"),
        ({"../1/a.png": ONE}, "../1/a.png: expected a path inside the zip file, found one that leads out of it"),
        ({"/1/a.png": ONE}, "/1/a.png: expected a path inside the zip file, found one that leads out of it"),
        ({"1/more.zip": b"PK"}, "1/more.zip: expected a picture, found an archive within the archive"),
        ({"4/": b""}, "4/: expected at least one picture of this label, found none"),
        ({"more/1/a.png": ONE}, "Expected all pictures in one place, or below train/ and test/, found ./ and more/"),
        ({"test/1/a.png": ONE}, "Expected either all pictures below train/ and test/ or none, found both"),
        ({"1/\x1b[31m.png": b""}, f"1/\N{REPLACEMENT CHARACTER}[31m.png: {NO_PICTURE}"),
    ],
)  # fmt: skip
def test_what_does_not_belong_is_refused_by_name(extra: Pack, line: str) -> None:
    assert refusal(folder() | extra) == line


def test_too_few_labels_or_images_are_refused() -> None:
    assert refusal(folder(30)) == "Expected at least 100 images, found 60"
    assert refusal(folder(120, labels=(4,))) == "Expected at least 2 different labels, found only 4"
    assert refusal({}) == "Expected pictures in folders named 0 to 9, found none"
    assert refusal(folder(60, "test/")) == "Expected pictures below train/, found only test/"
    only_there = folder(60, "train/") | folder(5, "test/", (1, 8))
    assert refusal(only_there) == "Expected the test's labels among those to train on, found 8 too"


def test_too_many_images_are_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    file = zipped(folder())
    monkeypatch.setattr("digits.uploads.upload.MOST_IMAGES", 119)
    monkeypatch.setattr(zipfile.ZipFile, "open", None)
    assert refusal_of_file(file) == "Expected at most 119 images, found 120"


def test_the_list_of_entries_is_bounded_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    file = zipped(folder())
    monkeypatch.setattr(image_folder, "MOST_ENTRIES", 119)
    monkeypatch.setattr(zipfile, "ZipFile", None)
    assert refusal_of_file(file) == "mine.zip: expected at most 119 files and folders, found 120"


def refusal_of_file(file: io.BytesIO) -> str:
    with pytest.raises(DatasetError) as caught:
        image_folder.read(file, "mine.zip")
    return str(caught.value)


@pytest.mark.parametrize("data", [b"", b"hello", b"PK\x05\x06", zipped(folder()).getvalue()[:-30]])
def test_what_is_no_zip_file_is_refused(data: bytes) -> None:
    assert refusal_of_file(io.BytesIO(data)).startswith(
        "mine.zip: expected a zip file, found none that can be read"
    )


def declared(change: Callable[[bytearray, int, int], None]) -> io.BytesIO:
    """A zip file of which the last entry's headers have been changed, given where they start."""
    data = bytearray(zipped(folder() | {"3/last.png": ONE}).getvalue())
    change(data, data.rfind(b"PK\x03\x04"), data.rfind(b"PK\x01\x02"))
    return io.BytesIO(bytes(data))


def test_an_entry_without_a_name_is_refused_in_words() -> None:
    def nameless(data: bytearray, _: int, entry: int) -> None:
        data[entry + 46] = 0

    assert "expected a zip file, found none that can be read" in refusal_of_file(declared(nameless))


def test_a_version_that_nobody_knows_is_refused_in_words() -> None:
    def newer(data: bytearray, _: int, entry: int) -> None:
        data[entry + 6] = 255

    assert "zip file version 25.5" in refusal_of_file(declared(newer))


def test_a_file_that_declares_too_much_is_refused() -> None:
    def huge(data: bytearray, _: int, entry: int) -> None:
        data[entry + 24 : entry + 28] = struct.pack("<I", 11_000_000)

    assert refusal_of_file(declared(huge)) == "3/last.png: expected at most 10 MB when unpacked, found 11 MB"


def test_files_that_declare_too_much_together_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_folder, "MOST_UNPACKED_IN_ALL", 1000)
    assert refusal(folder()).startswith("Expected at most 0 MB of pictures when unpacked, found 0 MB")


def test_a_bomb_that_declares_little_is_not_unpacked() -> None:
    # given a file of 200 MB that says it has 400 bytes
    bomb = zipped(folder() | {"3/bomb.png": bytes(200_000_000)})
    data = bytearray(bomb.getvalue())
    for start, field in ((data.rfind(b"PK\x03\x04"), 22), (data.rfind(b"PK\x01\x02"), 24)):
        data[start + field : start + field + 4] = struct.pack("<I", 400)
    # when it is read
    tracemalloc.start()
    line = refusal_of_file(io.BytesIO(bytes(data)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # then it is refused before it has filled the memory
    assert line.startswith("3/bomb.png: expected a sound file, found a damaged one")
    assert peak < 20_000_000


def test_encrypted_files_and_unusual_methods_are_refused() -> None:
    def encrypted(data: bytearray, _: int, entry: int) -> None:
        data[entry + 8] |= 1

    assert (
        refusal_of_file(declared(encrypted))
        == "3/last.png: expected a file that can be read, found an encrypted one"
    )
    unusual = zipped(folder(), zipfile.ZIP_BZIP2)
    assert (
        refusal_of_file(unusual) == "1/0.png: expected an ordinary zip file (deflate), found compression 12"
    )


def test_damaged_content_is_refused_by_name() -> None:
    def flipped(data: bytearray, header: int, _: int) -> None:
        data[header + 60] ^= 0xFF

    assert refusal_of_file(declared(flipped)).startswith("3/last.png: expected a")


def test_pictures_that_are_large_together_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_folder, "MOST_PIXELS_IN_ALL", 1_000_000)
    assert refusal(folder()) == "Expected at most 1 megapixels in all pictures together, found more"


def test_a_long_name_is_shortened() -> None:
    line = refusal(folder() | {f"{'x' * 200}.png": ONE})
    assert len(line) < 160
    assert "x…x" in line
