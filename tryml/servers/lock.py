"""A file lock that one process holds at a time; the system releases it when that process dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO


class LockedError(Exception):
    """Raised when another living process holds the lock; its text names that process."""


@contextmanager
def hold(path: Path) -> Iterator[None]:
    """Hold a lock on the file `path` during the `with` block, and remove the file at its end.

    Raises LockedError when another process holds the lock.
    """
    with _locked(path) as file:
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        try:
            yield
        finally:
            # Before the lock is released: afterwards another process may hold a lock on this file.
            path.unlink(missing_ok=True)


def _locked(path: Path) -> TextIO:
    # The unprivileged user of an embedded server must be able to pass through this folder.
    path.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
    while True:
        file = path.open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with file:
                file.seek(0)
                pid = file.read().strip()
            raise LockedError(f"TryML already runs on {path.parent} (process {pid}).") from None
        # 1. We open the file. 2. Its holder removes it and releases the lock. 3. We lock the removed file.
        # A third process could now make the file anew and lock that: two holders. So a lock counts only
        # if `path` is still the file that we locked; else try again.
        with suppress(FileNotFoundError):
            if os.path.samestat(path.stat(), os.fstat(file.fileno())):
                return file
        file.close()
