"""Which files have been verified, so that a start needn't read 50 MB again."""

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path

from digits.datasets import atomic
from digits.datasets.errors import DatasetError, StorageError, reading


class Ledger:
    """A small JSON file. What it says of a file holds while that one's size and time of change stay the same.

    Processes may write it at once: an entry that gets lost costs one more reading."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def knows(self, file: Path, sha256: str) -> bool:
        """Whether this very file has been found to have this content."""
        with suppress(OSError):
            return self._entries().get(str(file)) == _entry(file, sha256)
        return False

    def add(self, file: Path, sha256: str) -> None:
        """Remembers that the file has been found to have this content; forgets files that are gone."""
        entries = {name: entry for name, entry in self._entries().items() if os.access(name, os.F_OK)}
        entries[str(file)] = _entry(file, sha256)
        with suppress(StorageError), atomic.replacing(self.path) as ledger:
            ledger.write(json.dumps(entries, indent=1).encode())

    def verify(self, file: Path, sha256: str) -> None:
        """Compares a file's content with its digest, unless that has been done. Raises `DatasetError`."""
        if self.knows(file, sha256):
            return
        with reading(file), file.open("rb") as content:
            check(str(file), sha256, hashlib.file_digest(content, "sha256").hexdigest())
            self.add(file, sha256)

    def _entries(self) -> dict[str, object]:
        try:
            entries = json.loads(self.path.read_bytes())
        except (OSError, ValueError):
            return {}
        return entries if isinstance(entries, dict) else {}


def check(name: str, expected: str, found: str) -> None:
    """Raises `DatasetError` unless both SHA-256 digests are the same."""
    if found != expected:
        raise DatasetError(f"{name}: expected content with SHA-256 {expected}, found {found}")


def _entry(file: Path, sha256: str) -> object:
    status = file.stat()
    return [status.st_size, status.st_mtime_ns, sha256]
