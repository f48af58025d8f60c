import gzip
import os
import struct
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digits.datasets import DatasetError, idx
from digits.datasets.dataset import Bytes

IMAGES = np.arange(3 * 28 * 28, dtype=np.uint8).reshape(3, 28, 28)
LABELS = np.array([7, 0, 9], np.uint8)
IMAGE_BYTES = struct.pack(">4I", 0x803, 3, 28, 28) + IMAGES.tobytes()
LABEL_BYTES = struct.pack(">2I", 0x801, 3) + LABELS.tobytes()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file"


def refusal(path: Path, content: bytes, magic: int = idx.IMAGES, count: int | None = None) -> str:
    """What is said of a file with this content."""
    path.write_bytes(content)
    read = idx.read_images if magic == idx.IMAGES else idx.read_labels
    with pytest.raises(DatasetError) as caught:
        read(path, count)
    line = str(caught.value)
    assert line.startswith(f"{path}: ")
    assert "\n" not in line
    return line.removeprefix(f"{path}: ")


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_images_and_labels_are_read_plain_and_packed(path: Path, pack: type[bytes]) -> None:
    path.write_bytes(pack(IMAGE_BYTES))
    np.testing.assert_array_equal(idx.read_images(path, 3), IMAGES)
    path.write_bytes(pack(LABEL_BYTES))
    np.testing.assert_array_equal(idx.read_labels(path, 3), LABELS)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_what_is_read_cannot_be_written_to(path: Path, pack: type[bytes]) -> None:
    path.write_bytes(pack(IMAGE_BYTES))
    with pytest.raises(ValueError, match="read-only"):
        idx.read_images(path)[0, 0, 0] = 1


def test_a_plain_file_is_mapped_and_not_copied(path: Path) -> None:
    path.write_bytes(IMAGE_BYTES)
    images = idx.read_images(path)
    assert str(path) in Path("/proc/self/maps").read_text()
    assert images.nbytes == IMAGES.nbytes


@pytest.mark.parametrize("array", [IMAGES, LABELS, IMAGES[:0], LABELS[:0], IMAGES[::2]])
def test_what_is_written_is_read_again(path: Path, array: Bytes) -> None:
    idx.write(path, array)
    read = idx.read_images if array.ndim == 3 else idx.read_labels
    np.testing.assert_array_equal(read(path, len(array)), array)


def test_what_is_written_is_the_format(path: Path) -> None:
    idx.write(path, IMAGES)
    assert path.read_bytes() == IMAGE_BYTES
    idx.write(path, LABELS)
    assert path.read_bytes() == LABEL_BYTES


def test_a_truncated_file_is_refused_in_one_line(path: Path) -> None:
    assert refusal(path, IMAGE_BYTES[:-1]) == "expected 2,368 bytes, found 2,367"


def test_a_truncated_header_is_refused(path: Path) -> None:
    assert refusal(path, IMAGE_BYTES[:10]) == "expected a header of 16 bytes, found 10"
    assert refusal(path, b"") == "expected a header of 16 bytes, found 0"


def test_trailing_bytes_are_refused(path: Path) -> None:
    assert refusal(path, IMAGE_BYTES + b"!") == "expected 2,368 bytes, found 2,369"
    assert refusal(path, gzip.compress(IMAGE_BYTES + b"!")) == "expected 2,368 bytes, found more"


def test_a_packed_file_with_too_little_in_it_is_refused(path: Path) -> None:
    assert refusal(path, gzip.compress(IMAGE_BYTES[:-9])) == "expected 2,368 bytes, found 2,359"
    assert refusal(path, gzip.compress(b"")) == "expected a header of 16 bytes, found 0"


def test_a_truncated_gzip_file_is_refused(path: Path) -> None:
    line = refusal(path, gzip.compress(IMAGE_BYTES)[:-12])
    assert line == "expected a whole gzip file, found one that ends too early"


@pytest.mark.parametrize("place", [3, 30, -6])
def test_a_damaged_gzip_file_is_refused(path: Path, place: int) -> None:
    content = bytearray(gzip.compress(IMAGE_BYTES))
    content[place] ^= 0xFF
    assert refusal(path, bytes(content))


def test_rubbish_behind_a_gzip_file_is_refused(path: Path) -> None:
    assert "found a damaged one" in refusal(path, gzip.compress(IMAGE_BYTES) + b"rubbish")


def test_labels_in_place_of_images_are_refused(path: Path) -> None:
    assert refusal(path, LABEL_BYTES + bytes(9)) == (
        "expected magic number 0x00000803 (images), found 0x00000801"
    )
    assert refusal(path, IMAGE_BYTES, idx.LABELS) == (
        "expected magic number 0x00000801 (labels), found 0x00000803"
    )


def test_a_web_page_in_place_of_images_is_refused(path: Path) -> None:
    assert "expected magic number" in refusal(path, b"<!doctype html><title>Not found</title>")


def test_images_of_another_size_are_refused(path: Path) -> None:
    content = struct.pack(">4I", 0x803, 1, 32, 32) + bytes(1024)
    assert refusal(path, content) == "expected images of 28 × 28 pixels, found 32 × 32"


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_another_count_is_refused(path: Path, pack: type[bytes]) -> None:
    assert refusal(path, pack(IMAGE_BYTES), count=60_000) == "expected 60,000 images, found 3"


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_label_that_is_no_digit_is_refused(path: Path, pack: type[bytes]) -> None:
    content = struct.pack(">2I", 0x801, 3) + bytes([1, 10, 2])
    assert refusal(path, pack(content), idx.LABELS) == "expected labels from 0 to 9, found 10"


def test_a_gzip_bomb_is_left_unpacked(path: Path) -> None:
    zeros = gzip.compress(bytes(1 << 20))
    declared = struct.pack(">4I", 0x803, 0xFFFFFFFF, 28, 28)
    assert refusal(path, gzip.compress(declared) + zeros) == (
        "expected at most 250,000 entries, found 4,294,967,295"
    )
    assert refusal(path, gzip.compress(IMAGE_BYTES) + zeros * 1000) == "expected 2,368 bytes, found more"


def test_a_plain_file_that_declares_more_than_there_is_takes_no_memory(path: Path) -> None:
    declared = struct.pack(">4I", 0x803, 0xFFFFFFFF, 28, 28)
    assert refusal(path, declared) == "expected 3,367,254,359,296 bytes, found 16"


def test_a_folder_a_pipe_and_a_missing_file_are_refused(path: Path) -> None:
    with pytest.raises(DatasetError, match=r"cannot be read \(No such file or directory\)"):
        idx.read_images(path)
    with pytest.raises(DatasetError, match="expected a file, found something else"):
        idx.read_images(path.parent)
    os.mkfifo(path)
    with pytest.raises(DatasetError, match="expected a file, found something else"):
        idx.read_images(path)


def test_a_link_to_itself_is_refused(path: Path) -> None:
    path.symlink_to(path)
    with pytest.raises(DatasetError, match="cannot be read"):
        idx.read_images(path)


def test_a_file_that_may_not_be_read_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_bytes(IMAGE_BYTES)

    def forbidden(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", forbidden)
    with pytest.raises(DatasetError, match=r"file: cannot be read \(Permission denied\)"):
        idx.read_images(path)


@given(st.binary(max_size=4000), st.sampled_from([b"", b"\x1f\x8b\x08", IMAGE_BYTES[:16], LABEL_BYTES[:8]]))
def test_random_bytes_are_read_or_refused(tail: bytes, head: bytes) -> None:
    for content in (head + tail, gzip.compress(head + tail)):
        read_or_refused(content)


@given(st.integers(0, 2367), st.integers(0, 255), st.integers(0, 2368), st.booleans())
@example(0, 0x1F, 2368, False)
def test_a_file_with_one_byte_changed_and_some_cut_off_is_read_or_refused(
    place: int, value: int, length: int, is_packed: bool
) -> None:
    content = bytearray(gzip.compress(IMAGE_BYTES) if is_packed else IMAGE_BYTES)
    content[place % len(content)] = value
    read_or_refused(bytes(content[:length]))


def read_or_refused(content: bytes) -> None:
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        for read in (idx.read_images, idx.read_labels):
            try:
                array = read(Path(file.name))
            except DatasetError as error:
                assert "\n" not in str(error)  # noqa: PT017
            else:
                assert array.shape[1:] in ((), (28, 28))
