"""Reads a zip file of pictures in folders named by their label: ``0/a.png``, ``7/b.jpg``, optionally below ``train/``
and ``test/``. Nothing is unpacked to disk, and one picture is decoded at a time."""

import zipfile
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import IO, NamedTuple

import numpy as np

from digits.datasets.dataset import DIGITS, SIDE, Bytes, Split
from digits.datasets.errors import DatasetError
from digits.uploads.picture import read as read_picture
from digits.uploads.upload import Upload, check_count, complete

MOST_ENTRIES = 60_000  # folders and files: limits the memory for their list
MOST_UNPACKED = 10_000_000  # bytes of one picture's file
MOST_UNPACKED_IN_ALL = 250_000_000
MOST_PIXELS_IN_ALL = 400_000_000
_ENTRY = b"PK\x01\x02"  # the signature of each entry in a zip file's central directory
_ARCHIVES = {".zip", ".gz", ".tgz", ".tar", ".bz2", ".xz", ".7z", ".rar"}
_LABELS = {str(digit) for digit in range(DIGITS)}
_LITTER = {"__macosx", "thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", "icon\r"}
_NOTES = {
    "",
    ".txt",
    ".md",
    ".rst",
    ".pdf",
    ".csv",
    ".json",
    ".yaml",
    ".yml",
}  # outside the labels' folders
_PARTS = {"train": "train", "training": "train", "test": "test", "testing": "test"}


class Member(NamedTuple):
    info: zipfile.ZipInfo
    part: str  # "train", "test" or nothing
    label: int


def read(file: IO[bytes], name: str) -> Upload:
    """The pictures as a dataset. Raises `DatasetError` for anything above the limits, and for a file in it that is no
    labelled picture; ``name`` is the zip file's name in errors."""
    _check_entries(file, name)
    try:
        with zipfile.ZipFile(file) as archive:
            members = _members(archive.infolist())
            return _intake(archive, members)
    except DatasetError:
        raise
    except Exception as error:  # zipfile raises almost any exception for a damaged or made-up file
        raise DatasetError(f"{name}: expected a zip file, found none that can be read ({error})") from error


def _check_entries(file: IO[bytes], name: str) -> None:
    """Counts the entries before `zipfile` makes an object of each; the file's own count may be wrong."""
    count, tail = 0, b""
    while chunk := file.read(1 << 20):
        count += (tail + chunk).count(_ENTRY)
        tail = chunk[-len(_ENTRY) + 1 :]
    if count > MOST_ENTRIES:
        raise DatasetError(f"{name}: expected at most {MOST_ENTRIES:,} files and folders, found {count:,}")
    file.seek(0)


def _members(entries: list[zipfile.ZipInfo]) -> list[Member]:
    wanted = [entry for entry in entries if not _is_litter(entry.filename) and not _is_note(entry)]
    members = [_member(entry) for entry in wanted if not entry.is_dir()]
    check_count(len(members))
    if not members:
        raise DatasetError("Expected pictures in folders named 0 to 9, found none")
    parts = {member.part for member in members}
    above = sorted({_path(member.info).parent.parent.as_posix() for member in members if not member.part})
    if len(above) > 1:
        raise DatasetError(
            "Expected all pictures in one place, or below train/ and test/, "
            f"found {_shown(above[0])}/ and {_shown(above[1])}/"
        )
    if "" in parts and len(parts) > 1:
        raise DatasetError("Expected either all pictures below train/ and test/ or none, found both")
    if parts == {"test"}:
        raise DatasetError("Expected pictures below train/, found only test/")
    inhabited = {_path(member.info).parent for member in members}
    for entry in wanted:
        if entry.is_dir() and _path(entry).name in _LABELS and _path(entry) not in inhabited:
            raise DatasetError(
                f"{_shown(entry.filename)}: expected at least one picture of this label, found none"
            )
    unpacked = sum(member.info.file_size for member in members)
    if unpacked > MOST_UNPACKED_IN_ALL:
        raise DatasetError(
            f"Expected at most {MOST_UNPACKED_IN_ALL / 1e6:.0f} MB of pictures when unpacked, "
            f"found {unpacked / 1e6:,.0f} MB"
        )
    return members


def _member(entry: zipfile.ZipInfo) -> Member:
    path, shown = _path(entry), _shown(entry.filename)
    if path.is_absolute() or ".." in path.parts:
        raise DatasetError(f"{shown}: expected a path inside the zip file, found one that leads out of it")
    if path.suffix.lower() in _ARCHIVES:
        raise DatasetError(f"{shown}: expected a picture, found an archive within the archive")
    label = path.parent.name
    if label not in _LABELS:
        raise DatasetError(
            f"{shown}: expected a folder named by its label, 0 to 9, found {label or 'none'!r}"
        )
    if entry.flag_bits & 1:
        raise DatasetError(f"{shown}: expected a file that can be read, found an encrypted one")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise DatasetError(
            f"{shown}: expected an ordinary zip file (deflate), found compression {entry.compress_type}"
        )
    if entry.file_size > MOST_UNPACKED:
        raise DatasetError(
            f"{shown}: expected at most {MOST_UNPACKED / 1e6:.0f} MB when unpacked, "
            f"found {entry.file_size / 1e6:,.0f} MB"
        )
    return Member(entry, _PARTS.get(path.parent.parent.name.lower(), ""), int(label))


def _intake(archive: zipfile.ZipFile, members: list[Member]) -> Upload:
    images = np.empty((len(members), SIDE, SIDE), np.uint8)
    labels = np.array([member.label for member in members], np.uint8)  # (n,)
    unclear: dict[int, Bytes] = {}  # images with an unclear border, as if on light paper
    light = scaled = pixels = 0
    for i, member in enumerate(members):
        picture = read_picture(_content(archive, member.info), _shown(member.info.filename))
        pixels += picture.pixels
        if pixels > MOST_PIXELS_IN_ALL:
            raise DatasetError(
                f"Expected at most {MOST_PIXELS_IN_ALL / 1e6:.0f} megapixels in all pictures together, found more"
            )
        told = picture.paper_is_light
        images[i] = picture.image(bool(told))
        light += bool(told)
        scaled += not picture.has_size
        if told is None:
            unclear[i] = picture.image(True)
    if light * 2 > len(members) - len(unclear):  # the clear pictures decide for the unclear ones
        for i, image in unclear.items():
            images[i] = image
        light += len(unclear)
    return _complete(images, labels, [member.part for member in members], _notes(light, scaled, len(members)))


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    try:
        with archive.open(info) as file:
            return file.read(info.file_size)  # the limit also holds for a file with a false size
    except Exception as error:  # damaged, an unknown method, or overlapping entries
        raise DatasetError(
            f"{_shown(info.filename)}: expected a sound file, found a damaged one ({error})"
        ) from error


def _complete(images: Bytes, labels: Bytes, parts: Iterable[str], notes: tuple[str, ...]) -> Upload:
    is_test = np.array([part == "test" for part in parts])  # (n,)
    train = Split(images[~is_test], labels[~is_test])
    test = Split(images[is_test], labels[is_test]) if is_test.any() else None
    return complete(train, test, notes=notes)


def _notes(light: int, scaled: int, count: int) -> tuple[str, ...]:
    notes = []
    if light:
        which = "All pictures" if light == count else f"{light:,} of {count:,} pictures"
        notes.append(f"{which} had dark ink on light paper and were inverted, as in MNIST.")
    if scaled:
        which = "each picture" if scaled == count else f"{scaled:,} of {count:,} pictures"
        notes.append(f"The ink of {which} was scaled to 20 pixels and centred by its mass, as in MNIST.")
    return tuple(notes)


def _is_litter(name: str) -> bool:
    """Whether this is a file manager's file or a hidden file."""
    return any(
        part.lower() in _LITTER or (part.startswith(".") and part not in (".", ".."))
        for part in name.replace("\\", "/").split("/")
    )


def _is_note(entry: zipfile.ZipInfo) -> bool:
    """Whether this is a file about the pictures, such as a README, beside the folders of the labels."""
    path = _path(entry)
    return path.suffix.lower() in _NOTES and path.parent.name not in _LABELS and not entry.is_dir()


def _path(entry: zipfile.ZipInfo) -> PurePosixPath:
    return PurePosixPath(entry.filename.replace("\\", "/"))  # some Windows programs write backslashes


def _shown(name: str) -> str:
    """A name from the zip file, made safe for one line: printable, and at most 80 characters."""
    line = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in name)
    return line if len(line) <= 80 else f"{line[:40]}…{line[-39:]}"
