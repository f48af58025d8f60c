"""The IDX format of images and labels, plain or in gzip.

Big-endian: images are magic 0x00000803, count, rows, columns (uint32 each) and count × rows × columns bytes,
row by row; labels are magic 0x00000801, count and one byte per label. Source: http://yann.lecun.com/exdb/mnist/."""

import gzip
import io
import math
import mmap
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np

from digits.datasets import atomic
from digits.datasets.dataset import DIGITS, SIDE, Bytes
from digits.datasets.errors import DatasetError, reading

IMAGES = 0x00000803
LABELS = 0x00000801

_NOUNS = {IMAGES: "images", LABELS: "labels"}
_HEADERS = {IMAGES: struct.Struct(">4I"), LABELS: struct.Struct(">2I")}
_CHUNK = 1024 * SIDE * SIDE  # bytes: whole images
_MOST = 250_000  # images in a gzip file, whose size doesn't limit its content; EMNIST has 240,000


def read_images(path: Path, count: int | None = None) -> Bytes:
    """The images of a file, uint8 (n, 28, 28), read-only: mapped from a plain file, unpacked from gzip.

    Raises `DatasetError` unless the file is valid, ends where it should and, if ``count`` is given, has that many."""
    return _read(path, IMAGES, count)


def read_labels(path: Path, count: int | None = None) -> Bytes:
    """The labels of a file, uint8 (n,), each 0–9, read-only; otherwise like `read_images`."""
    return _read(path, LABELS, count)


def write(path: Path, array: Bytes) -> None:
    """Writes images (n, 28, 28) or labels (n,), both uint8, as a plain file, atomically.

    Raises `StorageError` if that fails."""
    with atomic.replacing(path) as file:
        file.write(header(array))
        file.write(np.ascontiguousarray(array).data)


def header(array: Bytes) -> bytes:
    """The header of a file with these images or labels."""
    magic = IMAGES if array.ndim == 3 else LABELS
    return _HEADERS[magic].pack(magic, *array.shape)


def is_gzip(path: Path) -> bool:
    """Whether the content is gzip. The name does not tell, since some browsers unpack the files that they save.

    Raises `DatasetError` if the file can't be read."""
    with reading(path), _open(path) as file:
        return _starts_gzip(file)


def chunks(
    file: "io.BufferedReader[Any]", name: str, magic: int, count: int | None = None, most: int = _MOST
) -> Iterator[bytes]:
    """Yields the unpacked bytes of a plain or gzip file: the header, then chunks of images or labels, each checked.

    Raises `DatasetError`, with ``name`` as the file's name, at the first wrong, missing or surplus byte. Never unpacks
    more than the header declares and one byte, and only the header of a file that declares over ``most`` entries."""
    with reading(name):
        stream = cast(BinaryIO, gzip.GzipFile(fileobj=file)) if _starts_gzip(file) else file
        beginning = stream.read(_HEADERS[magic].size)
        shape = _shape(beginning, name, magic, count)
        _check_size(name, shape, most)
        yield beginning
        size = math.prod(shape)
        missing = size
        while missing:
            chunk = stream.read(min(_CHUNK, missing))
            if not chunk:
                raise _wrong_length(name, len(beginning), size, f"{len(beginning) + size - missing:,}")
            if magic == LABELS:
                _check_labels(np.frombuffer(chunk, np.uint8), name)
            missing -= len(chunk)
            yield chunk
        if stream.read(1):
            raise _wrong_length(name, len(beginning), size, "more")


def _read(path: Path, magic: int, count: int | None) -> Bytes:
    with reading(path), _open(path) as file:
        if _starts_gzip(file):
            beginning, *body = chunks(file, str(path), magic, count)
            data: bytes | mmap.mmap = b"".join([beginning, *body])
            shape = _shape(beginning, str(path), magic, count)
        else:
            shape = _shape(file.read(_HEADERS[magic].size), str(path), magic, count)
            data = _mapped(file, path, _HEADERS[magic].size, math.prod(shape))
    array = np.frombuffer(data, np.uint8, offset=_HEADERS[magic].size).reshape(shape)
    if magic == LABELS:
        _check_labels(array, str(path))
    return array


def _mapped(file: BinaryIO, path: Path, header: int, size: int) -> mmap.mmap:
    found = os.fstat(file.fileno()).st_size
    if found != header + size:
        raise _wrong_length(str(path), header, size, f"{found:,}")
    return mmap.mmap(file.fileno(), found, access=mmap.ACCESS_READ)


def _open(path: Path) -> io.BufferedReader:
    if path.exists() and not path.is_file():  # opening a named pipe would block for ever
        raise DatasetError(f"{path}: expected a file, found something else")
    return path.open("rb")


def _starts_gzip(file: "io.BufferedReader[Any]") -> bool:
    return file.peek(1)[:1] == b"\x1f"  # an IDX file starts with a zero


def _shape(beginning: bytes, name: str, magic: int, count: int | None) -> tuple[int, ...]:
    layout = _HEADERS[magic]
    if len(beginning) < layout.size:
        raise DatasetError(f"{name}: expected a header of {layout.size} bytes, found {len(beginning)}")
    found, *shape = layout.unpack(beginning)
    if found != magic:
        raise DatasetError(
            f"{name}: expected magic number 0x{magic:08x} ({_NOUNS[magic]}), found 0x{found:08x}"
        )
    if shape[1:] not in ([], [SIDE, SIDE]):
        raise DatasetError(
            f"{name}: expected images of {SIDE} × {SIDE} pixels, found {shape[1]} × {shape[2]}"
        )
    if count not in (None, shape[0]):
        raise DatasetError(f"{name}: expected {count:,} {_NOUNS[magic]}, found {shape[0]:,}")
    return tuple(shape)


def _check_size(name: str, shape: tuple[int, ...], most: int) -> None:
    if shape[0] > most:
        raise DatasetError(f"{name}: expected at most {most:,} entries, found {shape[0]:,}")


def _check_labels(labels: Bytes, name: str) -> None:
    if labels.size and labels.max() >= DIGITS:
        raise DatasetError(f"{name}: expected labels from 0 to {DIGITS - 1}, found {labels.max()}")


def _wrong_length(name: str, header: int, size: int, found: str) -> DatasetError:
    return DatasetError(f"{name}: expected {header + size:,} bytes, found {found}")
