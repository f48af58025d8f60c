import errno
import fcntl
import os
from pathlib import Path

import pytest

from digits.datasets import atomic
from digits.datasets.errors import DatasetError, StorageError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "file"


def write(path: Path, content: bytes) -> None:
    with atomic.replacing(path) as file:
        file.write(content)


def test_a_file_takes_the_place_of_an_older_one(path: Path) -> None:
    write(path, b"old")
    write(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(path.parent.iterdir()) == [path]


def test_the_older_file_stays_until_the_block_ends(path: Path) -> None:
    write(path, b"old")
    with atomic.replacing(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_bytes() == b"old"


def test_a_block_that_raises_leaves_nothing_behind(path: Path) -> None:
    def write_half() -> None:
        with atomic.replacing(path) as file:
            file.write(b"half")
            raise DatasetError("damaged")

    with pytest.raises(DatasetError, match="damaged"):
        write_half()
    assert list(path.parent.iterdir()) == []


def test_a_full_disk_leaves_nothing_behind_and_says_so(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    write(path, b"old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match=r"file: cannot be written \(No space left on device\)"):
        write(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(path.parent.iterdir()) == [path]


def test_a_folder_that_cannot_be_made_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="cannot be written"):
        write(tmp_path / "file" / "below", b"")


def test_leftovers_of_the_dead_are_removed_and_files_of_the_living_kept(path: Path) -> None:
    with atomic.replacing(path) as living:
        dead = path.with_name(".file.0123abcd.part")
        dead.write_bytes(b"half")
        atomic.remove_leftovers(path.parent)
        assert not dead.exists()
        assert Path(living.name).exists()
    assert path.exists()


def test_a_folder_that_is_not_there_has_no_leftovers(path: Path) -> None:
    atomic.remove_leftovers(path.parent)
    assert not path.parent.exists()


def test_a_file_taken_for_a_leftover_too_early_is_made_again(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a cleaner that comes between the making of the file and its lock
    lock = fcntl.flock
    calls: list[int] = []

    def late(file: int, operation: int) -> None:
        if not calls:
            calls.append(operation)
            next(path.parent.glob(".*.part")).unlink()
        lock(file, operation)

    monkeypatch.setattr(fcntl, "flock", late)
    # when the file is written
    write(path, b"whole")
    # then it is there
    assert path.read_bytes() == b"whole"
