"""A user's drawings as a training learns from them: among a sample of MNIST, so that nothing else is forgotten."""

import hashlib
import json
from typing import Any

import numpy as np
from django.conf import settings
from django.db import models

from digits import datasets
from digits.datasets import Dataset, DatasetMissing, Split
from digits.datasets.dataset import SIDE
from digits.models.drawing import MOST_DRAWINGS, OwnDrawing

PREFIX = "mine-"
SAMPLE = 6000  # images of the published dataset
SEED = 0  # of their choice, and of the order of all
SHARE = 0.2  # of all images that the drawings are to come to, each repeated as often as that takes
MOST_REPEATS = 100  # of a drawing: a single one must not become all that there is to learn


class HandwritingQuerySet(models.QuerySet["Handwriting"]):
    def take(self, owner: Any) -> "Handwriting":
        """The owner's drawings as they are now. Raises DatasetMissing when there are none."""
        rows = OwnDrawing.objects.of(owner).values_list("pk", "label")[:MOST_DRAWINGS]
        drawings = [list(row) for row in rows]
        if not drawings:
            raise DatasetMissing("You have kept no drawings yet: draw some first.")
        base = datasets.load().name
        content = json.dumps([base, SAMPLE, SEED, SHARE, MOST_REPEATS, drawings])
        fingerprint = hashlib.sha256(content.encode()).hexdigest()
        made, _ = self.get_or_create(
            owner=owner, fingerprint=fingerprint, defaults={"base": base, "drawings": drawings}
        )
        return made

    def named(self, key: str) -> "Handwriting | None":
        """The one that a run's dataset names, if that is one."""
        number = key.removeprefix(PREFIX)
        if not key.startswith(PREFIX) or not (number.isascii() and number.isdecimal() and len(number) <= 15):
            return None
        return self.filter(pk=int(number)).first()


class Handwriting(models.Model):
    """Which drawings, with which labels, beside which published dataset: what a run learns from stays what it was when
    the run was started. The ink itself is in the drawings only, so that deleting one deletes it.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="handwritings")
    base = models.CharField(max_length=20, help_text="The published dataset's key.")
    drawings = models.JSONField(help_text="Number and label of each drawing.")
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of all that the content follows from.")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = HandwritingQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        constraints = (models.UniqueConstraint(fields=["owner", "fingerprint"], name="handwriting_once"),)

    def __str__(self) -> str:
        return self.title

    @property
    def key(self) -> str:
        """By which runs name it, among all datasets."""
        return f"{PREFIX}{self.pk}"

    @property
    def title(self) -> str:
        count = len(self.drawings)
        return f"{self.test_title} and {count:,} drawing{'s' if count > 1 else ''} of mine"

    @property
    def test_title(self) -> str:
        """What people call its test split: that of the published dataset."""
        return datasets.CATALOGUE[self.base].title

    @property
    def train_count(self) -> int:
        sample = sample_count(datasets.CATALOGUE[self.base].train)
        return repeats(len(self.drawings), sample) * len(self.drawings) + sample

    @property
    def test_count(self) -> int:
        return datasets.CATALOGUE[self.base].test

    def load(self) -> Dataset:
        """The drawings mixed with published images; the test split is the published one.

        Raises DatasetMissing, also when a drawing was deleted."""
        base = datasets.load(self.base)
        train = mixed(self._ink(), base.train)
        return Dataset(self.key, self.title, train, base.test, base.is_substitute, base.source, base.classes)

    def _ink(self) -> Split:
        kept = dict(
            OwnDrawing.objects.filter(pk__in=[pk for pk, _ in self.drawings]).values_list("pk", "pixels")
        )
        if missing := len(self.drawings) - len(kept):
            raise DatasetMissing(
                f"{missing:,} of the {len(self.drawings):,} drawings to learn from {'were' if missing > 1 else 'was'} "
                "deleted. Choose “Learn my handwriting” again, and it learns from those that are left."
            )
        pixels = b"".join(bytes(kept[pk]) for pk, _ in self.drawings)
        images = np.frombuffer(pixels, np.uint8).reshape(-1, SIDE, SIDE)  # (n, 28, 28)
        return Split(images, np.array([label for _, label in self.drawings], np.uint8))


def mixed(ink: Split, images: Split) -> Split:
    """Drawings, each repeated, and a sample of images, shuffled: what a training keeps aside for validation is of both,
    since both are to be read.
    """
    generator = np.random.default_rng(SEED)
    sample = generator.permutation(len(images))[: sample_count(len(images))]
    times = repeats(len(ink), len(sample))
    order = generator.permutation(times * len(ink) + len(sample))
    pixels = np.concatenate([np.tile(ink.images, (times, 1, 1)), images.images[sample]])
    labels = np.concatenate([np.tile(ink.labels, times), images.labels[sample]])
    return Split(pixels[order], labels[order])


def sample_count(images: int) -> int:
    """How many of so many images are mixed with the drawings."""
    return min(SAMPLE, images)


def repeats(drawings: int, sample: int) -> int:
    """How often each of so many drawings comes among a sample of so many images."""
    return min(max(round(SHARE / (1 - SHARE) * sample / drawings), 1), MOST_REPEATS)
