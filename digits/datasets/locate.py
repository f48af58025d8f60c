"""Searches for the files of a published dataset: on this machine, then on its mirrors."""

import hashlib
import io
import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import IO, Any

import numpy as np

from digits.datasets import atomic, download, idx
from digits.datasets.catalogue import Archive, File, Release
from digits.datasets.checksums import Checksums, check
from digits.datasets.dataset import SIDE, Bytes, Dataset, Split
from digits.datasets.errors import DatasetError, DatasetMissing, StorageError, reading
from digits.datasets.paths import Paths


class Search:
    """One search for the files of a release: in the user's folder, in the cache, then on the mirrors.

    Packed files are unpacked into the cache, so that all files can be memory-mapped. A source that fails is reported
    in one line, and the next is tried. Every file used has the published digest, or was unpacked here from a file
    that has it."""

    def __init__(
        self,
        folders: Paths,
        release: Release,
        report: Callable[[str], None],
        progress: download.Observer,
        may_download: bool,
    ) -> None:
        self.folders, self.release, self.report, self.progress = folders, release, report, progress
        self.cache, self.given = folders.cache(release.name), folders.given(release.name)
        self.mirrors = list(release.mirrors) if may_download and folders.may_download else []
        self.checksums = Checksums(folders.checksums(release.name))
        self.troubles: list[str] = []
        self.downloaded: Path | None = None  # a downloaded archive, to be removed once its files are unpacked

    def dataset(self) -> Dataset:
        """The dataset with all four files opened. Raises `DatasetMissing` with every reason."""
        try:
            arrays = [self._obtain(file) for file in self.release.files]
        finally:
            if self.downloaded:
                with suppress(OSError):
                    self.downloaded.unlink()
        train, test = Split(*arrays[:2]), Split(*arrays[2:])
        known = self.release
        return Dataset(known.name, known.title, train, test, False, known.source, known.classes)

    def _obtain(self, file: File) -> Bytes:
        for source in self._sources(file):
            try:
                return source()
            except DatasetError as error:
                self._note(str(error))
                if isinstance(error, StorageError):
                    self.mirrors.clear()  # another download would find no more room
        raise DatasetMissing(f"{self.release.title} is not on this machine: {'; '.join(self._reasons())}.")

    def _sources(self, file: File) -> Iterator[Callable[[], Bytes]]:
        for path in self._in_folder(file):
            yield partial(self._from_folder, path, file)
        if os.access(self._cached(file), os.F_OK):
            yield partial(self._open, self._cached(file), file)
        if archive := self.release.archive:
            if os.access(self.cache / archive.name, os.F_OK):
                yield partial(self._from_archive, archive, file)
            for mirror in self.mirrors:
                yield partial(self._from_archive_of, mirror, archive, file)
            return
        for spelling in file.spellings():
            if spelling != file.name and os.access(self.cache / spelling, os.F_OK):
                yield partial(self._from_folder, self.cache / spelling, file)
        for mirror in self.mirrors:
            yield partial(self._from_mirror, mirror, file)

    def _in_folder(self, file: File) -> list[Path]:
        folder = self.given
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
        if self.checksums.knows(path, file.expected):
            with suppress(DatasetError):
                return self._open(self._cached(file), file)
        self.report(f"Unpacking {path}.")
        with reading(path), path.open("rb") as packed:
            self._unpack(packed, str(path), file)
        self.checksums.add(path, file.expected)
        return self._open(self._cached(file), file)

    def _from_mirror(self, mirror: str, file: File) -> Bytes:
        url = f"{mirror}{file.name}.gz"
        self.report(f"Downloading {url}.")
        with download.opened(url, file.packed_limit, self.progress) as body:
            self._unpack(body, url, file)
        self.mirrors.sort(key=mirror.__ne__)  # from now on this mirror, which answers, is tried first
        return self._open(self._cached(file), file)

    def _from_archive_of(self, mirror: str, archive: Archive, file: File) -> Bytes:
        url, path = f"{mirror}{archive.name}", self.cache / archive.name
        self.report(f"Downloading {url}.")
        digest = hashlib.sha256()
        with download.opened(url, archive.size, self.progress) as body, atomic.replacing(path) as target:
            with reading(url):
                while chunk := body.read(1 << 20):
                    digest.update(chunk)
                    target.write(chunk)
            check(url, archive.sha256, digest.hexdigest())
        self.downloaded = path
        self.checksums.add(path, archive.sha256)
        return self._from_archive(archive, file)

    def _from_archive(self, archive: Archive, file: File) -> Bytes:
        path = self.cache / archive.name
        self.checksums.verify(path, archive.sha256)
        member = archive.members[self.release.files.index(file)]
        name = f"{path}/{member}"
        self.report(f"Unpacking {name}.")
        with reading(name), zipfile.ZipFile(path) as content, content.open(member) as packed:
            self._unpack(packed, name, file)
        return self._open(self._cached(file), file)

    def _unpack(self, packed: IO[bytes], name: str, file: File) -> None:
        published, content = _Hashed(packed), hashlib.sha256()
        stream = io.BufferedReader(published)
        with atomic.replacing(self._cached(file)) as target:
            for chunk in idx.chunks(stream, name, file.magic, file.count):
                written = _upright(chunk, file) if self.release.transposed else chunk
                content.update(written)
                target.write(written)
            if file.sha256:
                check(name, file.sha256, content.hexdigest())
            elif file.packed_sha256:
                with reading(name):
                    check(name, file.packed_sha256, published.rest())
        self.checksums.add(self._cached(file), content.hexdigest())

    def _open(self, path: Path, file: File) -> Bytes:
        read = idx.read_images if file.magic == idx.IMAGES else idx.read_labels
        array = read(path, file.count)
        if file.sha256:
            self.checksums.verify(path, file.sha256)
        elif not self.checksums.digest(path):
            wanted = self.release.archive.name if self.release.archive else f"{file.name}.gz"
            raise DatasetError(f"{path}: expected {wanted} as published, found a file that can't be verified")
        return array

    def _cached(self, file: File) -> Path:
        return self.cache / file.name

    def _note(self, line: str) -> None:
        if line not in self.troubles:
            self.troubles.append(line)
            self.report(line)

    def _reasons(self) -> list[str]:
        if not self.folders.may_download:
            return [*self.troubles, "downloads are switched off (TRYML_DOWNLOAD=0)"]
        return self.troubles or ["it has not been downloaded"]


class _Hashed(io.RawIOBase):
    """A file that hashes its bytes while they are read."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.digest = file, hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        chunk = self.file.read(len(buffer))
        self.digest.update(chunk)
        buffer[: len(chunk)] = chunk
        return len(chunk)

    def rest(self) -> str:
        """The SHA-256 of the whole file; reads the bytes that have not been read yet."""
        while chunk := self.file.read(1 << 20):
            self.digest.update(chunk)
        return self.digest.hexdigest()


def _upright(chunk: bytes, file: File) -> bytes:
    """Images with rows and columns exchanged; headers and labels unchanged."""
    if file.magic != idx.IMAGES or len(chunk) % (SIDE * SIDE):
        return chunk
    images = np.frombuffer(chunk, np.uint8).reshape(-1, SIDE, SIDE)  # (n, 28, 28)
    return images.transpose(0, 2, 1).tobytes()
