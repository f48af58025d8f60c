"""Folders for an embedded server's data."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tryml.servers import binaries, os_user


@contextmanager
def _open_folder() -> Iterator[Path]:
    """An empty folder that every user may pass through; pytest's own folders are open to root alone."""
    folder = Path(tempfile.mkdtemp(prefix="tryml-home-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def home(monkeypatch) -> Iterator[Path]:
    """An empty home."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)
    with _open_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def shared_home() -> Iterator[Path]:
    """A home for all tests of a module."""
    with _open_folder() as folder:
        yield folder


@pytest.fixture
def reachable(home, monkeypatch) -> Path:
    """A folder in place of /var/lib/tryml."""
    folder = home / "var"
    monkeypatch.setattr(os_user, "REACHABLE", folder)
    monkeypatch.setattr(binaries, "REACHABLE", folder)
    return folder


@pytest.fixture
def private_home(home, reachable) -> Path:
    """A home in a folder that only its owner may enter."""
    folder = home / "private"
    folder.mkdir(mode=0o700)
    return folder / "home"


@pytest.fixture
def is_root() -> bool:
    return os.geteuid() == 0
