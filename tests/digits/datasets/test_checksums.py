import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from digits.datasets import DatasetError
from digits.datasets.checksums import Ledger

SHA256 = hashlib.sha256(b"content").hexdigest()


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "verified.json")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "file"
    file.write_bytes(b"content")
    return file


def test_a_file_with_the_right_digest_is_remembered(ledger: Ledger, file: Path) -> None:
    assert not ledger.knows(file, SHA256)
    ledger.verify(file, SHA256)
    assert Ledger(ledger.path).knows(file, SHA256)


def test_a_file_with_another_digest_is_refused(ledger: Ledger, file: Path) -> None:
    with pytest.raises(DatasetError, match=f"file: expected content with SHA-256 {'0' * 64}, found {SHA256}"):
        ledger.verify(file, "0" * 64)
    assert not ledger.knows(file, "0" * 64)


def test_a_known_file_is_not_read_again(ledger: Ledger, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger.verify(file, SHA256)
    monkeypatch.setattr(hashlib, "file_digest", None)
    ledger.verify(file, SHA256)


def test_a_changed_file_is_read_again(ledger: Ledger, file: Path) -> None:
    ledger.verify(file, SHA256)
    file.write_bytes(b"CONTENT")
    os.utime(file, ns=(1, 1))
    with pytest.raises(DatasetError, match="expected content"):
        ledger.verify(file, SHA256)


def test_files_that_are_gone_are_forgotten(ledger: Ledger, file: Path, tmp_path: Path) -> None:
    ledger.verify(file, SHA256)
    other = file.rename(tmp_path / "other")
    ledger.verify(other, SHA256)
    assert str(file) not in ledger.path.read_text().replace(str(other), "")
    assert not ledger.knows(file, SHA256)


@pytest.mark.parametrize("rubbish", [b"", b"\xff", b"[]", b'{"a": 1', b"null"])
def test_a_damaged_ledger_counts_as_empty(ledger: Ledger, file: Path, rubbish: bytes) -> None:
    ledger.path.write_bytes(rubbish)
    assert not ledger.knows(file, SHA256)
    ledger.verify(file, SHA256)
    assert ledger.knows(file, SHA256)


def test_a_ledger_that_cannot_be_written_stops_nobody(file: Path) -> None:
    Ledger(file / "below" / "verified.json").verify(file, SHA256)


def test_a_missing_file_is_refused(ledger: Ledger, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="cannot be read"):
        ledger.verify(tmp_path / "nothing", SHA256)


def test_what_a_file_was_found_to_have_is_told_until_it_changes(ledger: Ledger, file: Path) -> None:
    assert ledger.digest(file) is None
    ledger.add(file, SHA256)
    assert ledger.digest(file) == SHA256
    os.utime(file, ns=(1, 1))
    assert ledger.digest(file) is None


def test_entries_of_many_writers_at_once_are_all_kept(ledger: Ledger, tmp_path: Path) -> None:
    files = [tmp_path / str(number) for number in range(40)]
    for file in files:
        file.touch()
    with ThreadPoolExecutor(8) as writers:
        list(writers.map(lambda file: Ledger(ledger.path).add(file, SHA256), files))
    assert all(ledger.knows(file, SHA256) for file in files)
