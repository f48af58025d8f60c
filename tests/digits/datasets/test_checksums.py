import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from digits.datasets import DatasetError
from digits.datasets.checksums import Checksums

SHA256 = hashlib.sha256(b"content").hexdigest()


@pytest.fixture
def checksums(tmp_path: Path) -> Checksums:
    return Checksums(tmp_path / "verified.json")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "file"
    file.write_bytes(b"content")
    return file


def test_a_file_with_the_right_digest_is_remembered(checksums: Checksums, file: Path) -> None:
    assert not checksums.knows(file, SHA256)
    checksums.verify(file, SHA256)
    assert Checksums(checksums.path).knows(file, SHA256)


def test_a_file_with_another_digest_is_refused(checksums: Checksums, file: Path) -> None:
    with pytest.raises(DatasetError, match=f"file: expected content with SHA-256 {'0' * 64}, found {SHA256}"):
        checksums.verify(file, "0" * 64)
    assert not checksums.knows(file, "0" * 64)


def test_a_known_file_is_not_read_again(
    checksums: Checksums, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checksums.verify(file, SHA256)
    monkeypatch.setattr(hashlib, "file_digest", None)
    checksums.verify(file, SHA256)


def test_a_changed_file_is_read_again(checksums: Checksums, file: Path) -> None:
    checksums.verify(file, SHA256)
    file.write_bytes(b"CONTENT")
    os.utime(file, ns=(1, 1))
    with pytest.raises(DatasetError, match="expected content"):
        checksums.verify(file, SHA256)


def test_files_that_are_gone_are_forgotten(checksums: Checksums, file: Path, tmp_path: Path) -> None:
    checksums.verify(file, SHA256)
    other = file.rename(tmp_path / "other")
    checksums.verify(other, SHA256)
    assert str(file) not in checksums.path.read_text().replace(str(other), "")
    assert not checksums.knows(file, SHA256)


@pytest.mark.parametrize("rubbish", [b"", b"\xff", b"[]", b'{"a": 1', b"null"])
def test_a_damaged_ledger_counts_as_empty(checksums: Checksums, file: Path, rubbish: bytes) -> None:
    checksums.path.write_bytes(rubbish)
    assert not checksums.knows(file, SHA256)
    checksums.verify(file, SHA256)
    assert checksums.knows(file, SHA256)


def test_a_ledger_that_cannot_be_written_stops_nobody(file: Path) -> None:
    Checksums(file / "below" / "verified.json").verify(file, SHA256)


def test_a_missing_file_is_refused(checksums: Checksums, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="cannot be read"):
        checksums.verify(tmp_path / "nothing", SHA256)


def test_what_a_file_was_found_to_have_is_told_until_it_changes(checksums: Checksums, file: Path) -> None:
    assert checksums.digest(file) is None
    checksums.add(file, SHA256)
    assert checksums.digest(file) == SHA256
    os.utime(file, ns=(1, 1))
    assert checksums.digest(file) is None


def test_entries_of_many_writers_at_once_are_all_kept(checksums: Checksums, tmp_path: Path) -> None:
    files = [tmp_path / str(number) for number in range(40)]
    for file in files:
        file.touch()
    with ThreadPoolExecutor(8) as writers:
        list(writers.map(lambda file: Checksums(checksums.path).add(file, SHA256), files))
    assert all(checksums.knows(file, SHA256) for file in files)
