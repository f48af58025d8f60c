"""A lock that one process holds at a time, and that the system takes from it when it dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO


class LockedError(Exception):
    """Raised when another living process holds the lock; says which."""


@contextmanager
def hold(path: Path) -> Iterator[None]:
    """Hold the lock file `path` for the `with` block, and remove it then.

    Raises LockedError when another process holds it.
    """
    with _locked(path) as file:
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def _locked(path: Path) -> TextIO:
    # The unprivileged user of an embedded server may pass through.
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
        # Its last holder may have removed it between our opening and our locking.
        with suppress(FileNotFoundError):
            if os.path.samestat(path.stat(), os.fstat(file.fileno())):
                return file
        file.close()
