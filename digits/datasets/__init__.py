"""Handwritten digits to train on: MNIST, or a small substitute where MNIST cannot be had.

>>> from digits import datasets
>>> dataset = datasets.load()  # what is on this machine; `datasets.prepare()` downloads
>>> dataset.title, len(dataset.train), dataset.train.images.shape
('MNIST', 60000, (60000, 28, 28))
"""

import logging
from collections.abc import Callable
from contextlib import suppress

from digits.datasets import atomic, mnist, uci
from digits.datasets.dataset import Dataset, Split
from digits.datasets.download import Observer, Progress
from digits.datasets.errors import DatasetError, DatasetMissing, StorageError
from digits.datasets.folders import Folders

__all__ = [
    "Dataset",
    "DatasetError",
    "DatasetMissing",
    "Folders",
    "Progress",
    "Split",
    "load",
    "prepare",
    "problem",
]

_log = logging.getLogger(__name__)

_opened: dict[object, Dataset] = {}
_missed: dict[object, tuple[object, str]] = {}  # what the folders looked like, and why MNIST wasn't there


def load(
    name: str | None = None, *, folders: Folders | None = None, release: mnist.Release = mnist.RELEASE
) -> Dataset:
    """Opens the dataset of that name, or MNIST if it is on this machine and the substitute if not.

    Never downloads. Quick enough to call for every request: a process opens a dataset once, and looks for
    MNIST again only when its folders have changed. Raises `DatasetMissing`."""
    folders = folders or Folders.from_environment()
    if name not in (None, "mnist", "uci-digits"):
        raise DatasetMissing(f"There is no dataset called {name!r}, only mnist and uci-digits.")
    if name == "uci-digits":
        return _substitute(folders)
    try:
        return _mnist(folders, release)
    except DatasetMissing:
        if name:
            raise
        return _substitute(folders)


def prepare(
    report: Callable[[str], None] = _log.info,
    progress: Observer | None = None,
    download: bool = True,
    *,
    folders: Folders | None = None,
    release: mnist.Release = mnist.RELEASE,
) -> Dataset:
    """Makes MNIST ready, downloading it if it must and may, and returns it; or else the substitute.

    ``report`` is told in whole lines what happens and what went wrong, ``progress`` how far a download is.
    Never raises for a file, a network or a disk: `problem` says afterwards why MNIST isn't there."""
    folders = folders or Folders.from_environment()
    for folder in (folders.cache, folders.uci, folders.problem.parent):
        atomic.remove_leftovers(folder)
    search = mnist.Search(folders, release, report, progress or _unseen, download)
    try:
        dataset = _opened[folders, release] = search.dataset()
    except DatasetMissing as error:
        with suppress(StorageError), atomic.replacing(folders.problem) as file:
            file.write(str(error).encode())
        dataset = _substitute(folders)
        report(f"{error} Using {dataset.title} instead.")
    else:
        with suppress(OSError):
            folders.problem.unlink(missing_ok=True)
        report(f"{dataset.title} is ready: {len(dataset.train):,} + {len(dataset.test):,} images.")
    return dataset


def problem(*, folders: Folders | None = None, release: mnist.Release = mnist.RELEASE) -> str | None:
    """Why MNIST isn't on this machine, in one sentence; None when it is."""
    folders = folders or Folders.from_environment()
    try:
        _mnist(folders, release)
    except DatasetMissing as error:
        with suppress(OSError, UnicodeError):
            return folders.problem.read_text()
        return str(error)
    return None


def _mnist(folders: Folders, release: mnist.Release) -> Dataset:
    key = folders, release
    if key in _opened:
        return _opened[key]
    looks = _looks(folders)  # before the search, so that a change during it is noticed
    if key not in _missed or _missed[key][0] != looks:
        try:
            search = mnist.Search(folders, release, _log.info, _unseen, may_download=False)
            return _opened.setdefault(key, search.dataset())
        except DatasetMissing as error:
            _missed[key] = looks, str(error)
    raise DatasetMissing(_missed[key][1])


def _substitute(folders: Folders) -> Dataset:
    return _opened.get(folders.uci) or _opened.setdefault(folders.uci, uci.load(folders.uci))


def _looks(folders: Folders) -> object:
    """Changes whenever a file comes, goes or is verified."""
    looks: list[tuple[int, int, int]] = []
    for place in (folders.mnist, folders.cache, folders.ledger):
        with suppress(OSError):
            if place:
                status = place.stat()
                looks.append((status.st_mtime_ns, status.st_ino, status.st_size))
    return looks


def _unseen(progress: Progress) -> None:
    pass
