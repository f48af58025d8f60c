"""Remembers which files have been verified, so that a start need not read 50 MB again."""

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
    """A small JSON file of digests. An entry is valid while its file's size and modification time stay the same."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def digest(self, file: Path) -> str | None:
        """The SHA-256 found for the content of this unchanged file; None if it has not been computed."""
        with suppress(OSError, ValueError, TypeError):
            *looks, sha256 = self._entries().get(str(file), [])
            if looks == _looks(file):
                return str(sha256)
        return None

    def knows(self, file: Path, sha256: str) -> bool:
        """Whether this unchanged file is known to have this SHA-256."""
        return self.digest(file) == sha256

    def add(self, file: Path, sha256: str) -> None:
        """Stores the SHA-256 found for a file; removes the entries of missing files. Ignores a failure to write."""
        with suppress(StorageError, OSError), self._locked():
            entries = {name: entry for name, entry in self._entries().items() if os.access(name, os.F_OK)}
            entries[str(file)] = [*_looks(file), sha256]
            with atomic.replacing(self.path) as checksums:
                checksums.write(json.dumps(entries, indent=1).encode())

    def verify(self, file: Path, sha256: str) -> None:
        """Compares a file's content with the digest, unless that has been done. Raises `DatasetError` if they differ,
        or if the file can't be read."""
        if self.knows(file, sha256):
            return
        with reading(file), file.open("rb") as content:
            check(str(file), sha256, hashlib.file_digest(content, "sha256").hexdigest())
            self.add(file, sha256)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Lets one process write at a time.

        Without the lock: 1. A and B read the entries. 2. A writes them with a new one. 3. B writes its own, and A's
        is lost. A lost entry can't be computed again where only the gzip file or archive has a published digest.
        """
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
    """Raises `DatasetError`, with ``name``, unless both SHA-256 digests are the same."""
    if found != expected:
        raise DatasetError(f"{name}: expected content with SHA-256 {expected}, found {found}")


def _looks(file: Path) -> list[object]:
    status = file.stat()
    return [status.st_size, status.st_mtime_ns]
