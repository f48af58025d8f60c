"""MNIST: its four files, and the search for them."""

import hashlib
import io
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from digits.datasets import atomic, download, idx
from digits.datasets.dataset import SIDE, Bytes, Dataset, Split
from digits.datasets.errors import DatasetError, DatasetMissing, StorageError, reading
from digits.datasets.folders import Folders
from digits.datasets.ledger import Ledger, check

SOURCE = (
    "The MNIST database of handwritten digits by Yann LeCun, Corinna Cortes and Christopher J. C. Burges, "
    "licensed under CC BY-SA 3.0."
)


@dataclass(frozen=True)
class File:
    """One of the four files, as it is unpacked."""

    name: str
    magic: int
    count: int
    sha256: str

    @property
    def packed_limit(self) -> int:
        """More bytes than gzip ever makes of it."""
        size = 16 + self.count * (SIDE * SIDE if self.magic == idx.IMAGES else 1)
        return size + size // 1000 + 1024

    def spellings(self) -> Iterator[str]:
        """The names under which people keep it."""
        for name in (self.name, self.name.replace("-idx", ".idx")):
            yield from (name, f"{name}.gz")


@dataclass(frozen=True)
class Release:
    """The files that make up a dataset, and the addresses of folders that hold them with ``.gz``."""

    files: tuple[File, ...]  # training images, training labels, test images, test labels
    mirrors: tuple[str, ...]


RELEASE = Release(
    files=(
        File(
            "train-images-idx3-ubyte",
            idx.IMAGES,
            60_000,
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        ),
        File(
            "train-labels-idx1-ubyte",
            idx.LABELS,
            60_000,
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        ),
        File(
            "t10k-images-idx3-ubyte",
            idx.IMAGES,
            10_000,
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        ),
        File(
            "t10k-labels-idx1-ubyte",
            idx.LABELS,
            10_000,
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
    ),
    mirrors=(
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ),
)


class Search:
    """One search for the files of a release: in the user's folder, in the cache, then on the mirrors.

    What is packed is unpacked into the cache, so that all can be mapped. A source that fails is reported in
    one line, and the next is tried; every file that is used has the right digest, wherever it comes from."""

    def __init__(
        self,
        folders: Folders,
        release: Release,
        report: Callable[[str], None],
        progress: download.Observer,
        may_download: bool,
    ) -> None:
        self.folders, self.files, self.report, self.progress = folders, release.files, report, progress
        self.mirrors = list(release.mirrors) if may_download and folders.may_download else []
        self.ledger = Ledger(folders.ledger)
        self.troubles: list[str] = []

    def dataset(self) -> Dataset:
        """All four files, opened. Raises `DatasetMissing` with every reason."""
        train_images, train_labels, test_images, test_labels = [self._obtain(file) for file in self.files]
        train, test = Split(train_images, train_labels), Split(test_images, test_labels)
        return Dataset("mnist", "MNIST", train, test, is_substitute=False, source=SOURCE)

    def _obtain(self, file: File) -> Bytes:
        for source in self._sources(file):
            try:
                return source()
            except DatasetError as error:
                self._note(str(error))
                if isinstance(error, StorageError):
                    self.mirrors.clear()  # nobody's file would find more room
        raise DatasetMissing(f"MNIST is not on this machine: {'; '.join(self._reasons())}.")

    def _sources(self, file: File) -> Iterator[Callable[[], Bytes]]:
        for path in self._in_folder(file):
            yield partial(self._from_folder, path, file)
        if os.access(self._cached(file), os.F_OK):
            yield partial(self._open, self._cached(file), file)
        for mirror in self.mirrors:
            yield partial(self._from_mirror, mirror, file)

    def _in_folder(self, file: File) -> list[Path]:
        folder = self.folders.mnist
        if not folder:
            return []
        try:
            with reading(folder):
                names = {path.name for path in folder.iterdir()}
        except DatasetError as error:
            self._note(str(error))
            return []
        found = [folder / spelling for spelling in file.spellings() if spelling in names]
        if not found:
            self._note(f"{folder}: expected {file.name} or {file.name}.gz, found neither")
        return found

    def _from_folder(self, path: Path, file: File) -> Bytes:
        if not idx.is_gzip(path):
            return self._open(path, file)
        if self.ledger.knows(path, file.sha256):
            with suppress(DatasetError):
                return self._open(self._cached(file), file)
        self.report(f"Unpacking {path}.")
        with reading(path), path.open("rb") as packed:
            self._unpack(packed, str(path), file)
        self.ledger.add(path, file.sha256)
        return self._open(self._cached(file), file)

    def _from_mirror(self, mirror: str, file: File) -> Bytes:
        url = f"{mirror}{file.name}.gz"
        self.report(f"Downloading {url}.")
        with download.opened(url, file.packed_limit, self.progress) as body:
            self._unpack(body, url, file)
        self.mirrors.sort(key=mirror.__ne__)  # the one that answers goes first from now on
        return self._open(self._cached(file), file)

    def _unpack(self, packed: io.BufferedReader, name: str, file: File) -> None:
        digest = hashlib.sha256()
        with atomic.replacing(self._cached(file)) as target:
            for chunk in idx.chunks(packed, name, file.magic, file.count):
                digest.update(chunk)
                target.write(chunk)
            check(name, file.sha256, digest.hexdigest())
        self.ledger.add(self._cached(file), file.sha256)

    def _open(self, path: Path, file: File) -> Bytes:
        read = idx.read_images if file.magic == idx.IMAGES else idx.read_labels
        array = read(path, file.count)
        self.ledger.verify(path, file.sha256)
        return array

    def _cached(self, file: File) -> Path:
        return self.folders.cache / file.name

    def _note(self, line: str) -> None:
        if line not in self.troubles:
            self.troubles.append(line)
            self.report(line)

    def _reasons(self) -> list[str]:
        if not self.folders.may_download:
            return [*self.troubles, "downloads are switched off (TRYML_DOWNLOAD=0)"]
        return self.troubles or ["it has not been downloaded"]
