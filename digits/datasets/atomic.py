"""Writes files atomically: a file appears complete or not at all."""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from digits.datasets.errors import StorageError


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Yields a file to write, which replaces ``path`` when the block ends. If the block raises, ``path`` stays
    unchanged and the new file is removed.

    Raises `StorageError` for any `OSError`, including one from the block: a block that also reads must turn its
    reading errors into others (see `reading`)."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _temporary(path) as file:
            try:
                yield file
                file.flush()
                os.fsync(file.fileno())
                Path(file.name).replace(path)
                _sync_folder(path.parent)
            finally:
                Path(file.name).unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(f"{path}: cannot be written ({error.strerror or error})") from error


def remove_leftovers(folder: Path) -> None:
    """Removes the temporary files of processes that died in `replacing`; living processes hold a lock on theirs."""
    with suppress(OSError):  # an unreadable folder must not stop the caller
        for leftover in folder.glob(".*.part"):
            _remove_if_dead(leftover)


def _temporary(path: Path) -> BinaryIO:
    while True:
        file = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part").open("xb")
        fcntl.flock(file, fcntl.LOCK_EX)
        if os.fstat(file.fileno()).st_nlink:
            return file
        # 1. We create the file. 2. Another process finds it unlocked, takes it for a leftover and removes it.
        # 3. We lock a file without a name, and make another.
        file.close()


def _remove_if_dead(leftover: Path) -> None:
    with suppress(OSError), leftover.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        leftover.unlink()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
