"""Which files have been verified, so that a start needn't read 50 MB again."""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from digits.datasets import atomic
from digits.datasets.errors import DatasetError, StorageError, reading


class Checksums:
    """A small JSON file. What it says of a file holds while that one's size and time of change stay the same."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def digest(self, file: Path) -> str | None:
        """The SHA-256 that this very file's content has been found to have, if it has been looked at."""
        with suppress(OSError, ValueError, TypeError):
            *looks, sha256 = self._entries().get(str(file), [])
            if looks == _looks(file):
                return str(sha256)
        return None

    def knows(self, file: Path, sha256: str) -> bool:
        """Whether this very file has been found to have this content."""
        return self.digest(file) == sha256

    def add(self, file: Path, sha256: str) -> None:
        """Remembers that the file has been found to have this content; forgets files that are gone."""
        with suppress(StorageError, OSError), self._locked():
            entries = {name: entry for name, entry in self._entries().items() if os.access(name, os.F_OK)}
            entries[str(file)] = [*_looks(file), sha256]
            with atomic.replacing(self.path) as checksums:
                checksums.write(json.dumps(entries, indent=1).encode())

    def verify(self, file: Path, sha256: str) -> None:
        """Compares a file's content with its digest, unless that has been done. Raises `DatasetError`."""
        if self.knows(file, sha256):
            return
        with reading(file), file.open("rb") as content:
            check(str(file), sha256, hashlib.file_digest(content, "sha256").hexdigest())
            self.add(file, sha256)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One writer at a time: an entry that is lost can't be computed again for a file prepared here."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)

    def _entries(self) -> dict[str, list[object]]:
        try:
            entries = json.loads(self.path.read_bytes())
        except (OSError, ValueError):
            return {}
        return entries if isinstance(entries, dict) else {}


def check(name: str, expected: str, found: str) -> None:
    """Raises `DatasetError` unless both SHA-256 digests are the same."""
    if found != expected:
        raise DatasetError(f"{name}: expected content with SHA-256 {expected}, found {found}")


def _looks(file: Path) -> list[object]:
    status = file.stat()
    return [status.st_size, status.st_mtime_ns]
