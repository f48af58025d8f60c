"""Labelled images to train on: MNIST or a small substitute where it cannot be had, and others to choose from.

>>> from digits import datasets
>>> dataset = datasets.load()  # never downloads; `datasets.prepare()` does
>>> dataset.title, len(dataset.train), dataset.train.images.shape
('MNIST', 60000, (60000, 28, 28))
"""

import logging
from collections.abc import Callable
from contextlib import suppress

from digits.datasets import atomic, optdigits
from digits.datasets.catalogue import MNIST, RELEASES, Release
from digits.datasets.dataset import Dataset, Description, Split
from digits.datasets.download import Observer, Progress
from digits.datasets.errors import DatasetError, DatasetMissing, StorageError
from digits.datasets.locate import Search
from digits.datasets.paths import Paths

__all__ = [
    "CATALOGUE",
    "Dataset",
    "DatasetError",
    "DatasetMissing",
    "Description",
    "Paths",
    "Progress",
    "Release",
    "Split",
    "fetch",
    "load",
    "prepare",
    "problem",
]

CATALOGUE: dict[str, Description] = {
    **RELEASES,
    optdigits.ABOUT.name: optdigits.ABOUT,
}  # the names that `load` accepts

_log = logging.getLogger(__name__)

_opened: dict[object, Dataset] = {}
_missed: dict[object, tuple[object, str]] = {}  # state of the folders, and why it was missing then


def load(name: str | None = None, *, folders: Paths | None = None, release: Release | None = None) -> Dataset:
    """Opens the dataset of that name; without a name MNIST if it is on this machine, otherwise the substitute.

    Never downloads. Fast enough to call for every request: a process opens a dataset once, and searches for a
    missing one again only after its folders have changed. Raises `DatasetMissing` for a missing or unknown name."""
    folders = folders or Paths.from_environment()
    if name == optdigits.ABOUT.name:
        return _substitute(folders)
    try:
        return _published(folders, release or _release(name or MNIST.name))
    except DatasetMissing:
        if name:
            raise
        return _substitute(folders)


def fetch(
    name: str,
    report: Callable[[str], None] = _log.info,
    progress: Observer | None = None,
    download: bool = True,
    *,
    folders: Paths | None = None,
    release: Release | None = None,
) -> Dataset:
    """Makes the dataset of that name ready and returns it; downloads it only if needed and ``download`` allows it.

    ``report`` receives a line for each step and each failure, ``progress`` the state of a download.
    Raises `DatasetMissing` with every reason; `problem` returns the same text afterwards."""
    folders = folders or Paths.from_environment()
    if name == optdigits.ABOUT.name:
        return _substitute(folders)
    release = release or _release(name)
    told = folders.problem(release.name)
    for folder in (folders.cache(release.name), told.parent):
        atomic.remove_leftovers(folder)
    try:
        search = Search(folders, release, report, progress or _unseen, download)
        dataset = _opened[folders, release] = search.dataset()
    except DatasetMissing as error:
        with suppress(StorageError), atomic.replacing(told) as file:
            file.write(str(error).encode())
        raise
    with suppress(OSError):
        told.unlink(missing_ok=True)
    report(f"{dataset.title} is ready: {len(dataset.train):,} + {len(dataset.test):,} images.")
    return dataset


def prepare(
    report: Callable[[str], None] = _log.info,
    progress: Observer | None = None,
    download: bool = True,
    *,
    folders: Paths | None = None,
    release: Release = MNIST,
) -> Dataset:
    """Makes MNIST ready as `fetch` does and returns it; if that fails, returns the substitute.

    Raises nothing for a bad file, network or disk: afterwards `problem` says why MNIST is missing."""
    folders = folders or Paths.from_environment()
    atomic.remove_leftovers(folders.uci)
    try:
        return fetch(release.name, report, progress, download, folders=folders, release=release)
    except DatasetMissing as error:
        dataset = _substitute(folders)
        report(f"{error} Using {dataset.title} instead.")
        return dataset


def problem(
    name: str = MNIST.name, *, folders: Paths | None = None, release: Release | None = None
) -> str | None:
    """Why the dataset of that name isn't on this machine, in one sentence; None when it is here."""
    folders = folders or Paths.from_environment()
    try:
        load(name, folders=folders, release=release)
    except DatasetMissing as error:
        with suppress(OSError, UnicodeError):
            return folders.problem(name).read_text()
        return str(error)
    return None


def _release(name: str) -> Release:
    if name not in RELEASES:
        raise DatasetMissing(f"There is no dataset called {name!r}, only {', '.join(CATALOGUE)}.")
    return RELEASES[name]


def _published(folders: Paths, release: Release) -> Dataset:
    key = folders, release
    if key in _opened:
        return _opened[key]
    # The folders' state is read before the search. Read after it, a new file could stay unseen:
    # 1. The search finds nothing. 2. Another process puts the file there. 3. The state read now includes the file,
    # so it does not change any more, and no later call searches again.
    looks = _looks(folders, release.name)
    if key not in _missed or _missed[key][0] != looks:
        try:
            search = Search(folders, release, _log.info, _unseen, may_download=False)
            return _opened.setdefault(key, search.dataset())
        except DatasetMissing as error:
            _missed[key] = looks, str(error)
    raise DatasetMissing(_missed[key][1])


def _substitute(folders: Paths) -> Dataset:
    return _opened.get(folders.uci) or _opened.setdefault(folders.uci, optdigits.load(folders.uci))


def _looks(folders: Paths, name: str) -> object:
    """The state of a dataset's folders; it changes whenever a file is added, removed or verified."""
    looks: list[tuple[int, int, int]] = []
    for place in (folders.given(name), folders.cache(name), folders.checksums(name)):
        with suppress(OSError):
            if place:
                status = place.stat()
                looks.append((status.st_mtime_ns, status.st_ino, status.st_size))
    return looks


def _unseen(progress: Progress) -> None:
    pass
