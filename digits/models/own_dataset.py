"""Datasets that users upload: stored in the database, and unpacked into files on each machine that loads them."""

import io
import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models, transaction

from digits.datasets import Dataset, DatasetMissing, Paths, Split, idx
from digits.datasets.dataset import DIGIT_NAMES, Bytes, fingerprint
from digits.datasets.errors import DatasetError, StorageError
from digits.uploads.upload import Upload, packed, read_images, read_labels

MOST_DATASETS = 5
PREFIX = "own-"
CHUNK = 1_000_000  # bytes of a file in one database row
UNPACKED = 50  # fingerprints whose files stay unpacked on a machine
FILES = ("train-images", "train-labels", "test-images", "test-labels")


class TooManyDatasets(Exception):
    """Raised when a user already has MOST_DATASETS datasets; its text is one sentence for the user."""


class OwnDatasetQuerySet(models.QuerySet["OwnDataset"]):
    def of(self, user: Any) -> "OwnDatasetQuerySet":
        """The visitor's own datasets, newest first; none for an anonymous visitor."""
        return self.filter(owner=user) if user.is_authenticated else self.none()

    def keep(self, owner: Any, title: str, classes: list[str], intake: Upload) -> "OwnDataset":
        """Store an upload. Raises TooManyDatasets."""
        with transaction.atomic():
            # The lock makes uploads of one user wait for each other. Without it: 1. Two uploads count one dataset
            # fewer than allowed. 2. Both create one, and there is one too many.
            get_user_model().objects.select_for_update().get(pk=owner.pk)
            if self.filter(owner=owner).count() >= MOST_DATASETS:
                raise TooManyDatasets(
                    f"You have {MOST_DATASETS} datasets, the most there may be: delete one first."
                )
            dataset = self.create(
                owner=owner,
                title=title,
                classes=classes,
                notes=list(intake.notes),
                train_count=len(intake.train),
                test_count=len(intake.test),
                fingerprint=fingerprint(intake.train, intake.test),
            )
            dataset.write(intake)
        return dataset


class OwnDataset(models.Model):
    """A dataset that a user uploaded."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="datasets")
    title = models.CharField(max_length=60)
    created_at = models.DateTimeField(auto_now_add=True)
    train_count = models.PositiveIntegerField()
    test_count = models.PositiveIntegerField()
    classes = models.JSONField(help_text="The name of each label, from 0.")
    notes = models.JSONField(default=list, blank=True, help_text="What was done to the images.")
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of the content.")

    objects = OwnDatasetQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.title

    @property
    def key(self) -> str:
        """The dataset key that runs store and pages use."""
        return f"{PREFIX}{self.pk}"

    def write(self, intake: Upload) -> None:
        """Store the content in the database, in rows of at most CHUNK bytes."""
        arrays = (intake.train.images, intake.train.labels, intake.test.images, intake.test.labels)
        for file, array in zip(FILES, arrays, strict=True):
            data = packed(array)
            for number, start in enumerate(range(0, len(data), CHUNK)):
                self.parts.create(file=file, number=number, data=data[start : start + CHUNK])

    def discard(self) -> None:
        """Delete the dataset, and its unpacked files on this machine unless another dataset has the same content."""
        # 1. This dataset is deleted. 2. No other has its fingerprint. 3. Somebody uploads the same content, and it
        # is unpacked. 4. Its files are removed here. Processes that have mapped them keep them; later ones unpack
        # them again from the database.
        self.delete()
        if not OwnDataset.objects.filter(fingerprint=self.fingerprint).exists():
            shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the ten labels; a digit for each label that the user did not name."""
        return (*self.classes, *DIGIT_NAMES[len(self.classes) :])

    @property
    def _folder(self) -> Path:
        return Paths.from_environment().own / self.fingerprint

    def load(self) -> Dataset:
        """Open the dataset, from this machine's files; unpacks them first if needed.

        Raises DatasetMissing if it was deleted, DatasetError if its content is damaged.
        """
        train, test = _opened(self._folder, self.fingerprint) or self._unpacked(self._folder)
        return Dataset(self.key, self.title, train, test, False, "Uploaded by you.", self.names)

    def _unpacked(self, folder: Path) -> tuple[Split, Split]:
        # No lock is needed. 1. Processes A and B find no files. 2. Both write the same content; each file appears
        # complete or not at all. 3. Whichever file is replaced last, A and B map equal bytes.
        # A crash: 1. A dies after two of four files. 2. `_opened` finds the others missing. 3. B writes all four.
        arrays = [self._array(file) for file in FILES]
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            folder.parent.chmod(0o700)  # other users of this machine have no business there
            _make_room(folder.parent)
            for file, array in zip(FILES, arrays, strict=True):
                idx.write(folder / file, array)
        except StorageError:
            return Split(*arrays[:2]), Split(*arrays[2:])  # no room for files: in memory
        opened = _opened(folder, self.fingerprint)
        if not opened:
            raise DatasetError(f"{self.title}: expected the content that was uploaded, found another")
        return opened

    def _array(self, file: str) -> Bytes:
        rows = self.parts.filter(file=file).order_by("number").values_list("data", flat=True)
        data = b"".join(map(bytes, rows))
        if not data:
            raise DatasetMissing(f"{self.title} is no longer there: it was deleted.")
        read = read_images if file.endswith("images") else read_labels
        return read(io.BytesIO(data), f"{self.title}/{file}")


class OwnPart(models.Model):
    """A chunk of one of a dataset's four files, which are IDX in gzip."""

    dataset = models.ForeignKey(OwnDataset, models.CASCADE, related_name="parts")
    file = models.CharField(max_length=12, choices=[(name, name) for name in FILES])
    number = models.PositiveSmallIntegerField()
    data = models.BinaryField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["dataset", "file", "number"], name="own_part_once"),)

    def __str__(self) -> str:
        return f"{self.dataset_id}/{self.file}/{self.number}"


# Folder -> its splits, verified in this process, the latest last.
_verified: dict[Path, tuple[Split, Split]] = {}


def _opened(folder: Path, wanted: str) -> tuple[Split, Split] | None:
    """The four files of a folder, memory-mapped; None unless all are there and have the fingerprint `wanted`."""
    if folder in _verified:
        return _verified[folder]
    try:
        images, labels, test_images, test_labels = (
            (idx.read_images if file.endswith("images") else idx.read_labels)(folder / file) for file in FILES
        )
    except DatasetError:
        return None
    splits = Split(images, labels), Split(test_images, test_labels)
    if fingerprint(*splits) != wanted:
        return None
    while len(_verified) >= UNPACKED:
        _verified.pop(next(iter(_verified)))
    return _verified.setdefault(folder, splits)


def _make_room(folder: Path) -> None:
    """Remove the folders unpacked longest ago until fewer than UNPACKED are left; they can be unpacked again."""
    folders = sorted(folder.glob("*"), key=lambda each: each.stat().st_mtime) if folder.is_dir() else []
    for old in folders[: max(len(folders) - UNPACKED + 1, 0)]:
        shutil.rmtree(old, ignore_errors=True)
