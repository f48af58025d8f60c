"""A user's drawings as a training set: mixed with a sample of MNIST, so that the network does not forget the rest."""

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
from tryml.numbers import whole

PREFIX = "mine-"
SAMPLE = 6000  # images of the published dataset
SEED = 0  # of the random sample, and of the order of all images
SHARE = 0.2  # target share of the drawings among all images; drawings are repeated to reach it
MOST_REPEATS = 100  # of a drawing, so that a few drawings don't dominate the training


class HandwritingQuerySet(models.QuerySet["Handwriting"]):
    def take(self, owner: Any) -> "Handwriting":
        """The owner's current drawings, as a stored Handwriting. Raises DatasetMissing when there are none."""
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
        """The handwriting with that dataset key; None where the key names none."""
        number = whole(key.removeprefix(PREFIX)) if key.startswith(PREFIX) else None
        return None if number is None else self.filter(pk=number).first()


class Handwriting(models.Model):
    """The ids and labels of drawings, and the published dataset to mix them with, as they were when a run started.

    The ink is stored only in the drawings: deleting a drawing deletes its ink.
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
        """The dataset key that runs store."""
        return f"{PREFIX}{self.pk}"

    @property
    def title(self) -> str:
        count = len(self.drawings)
        return f"{self.test_title} and {count:,} drawing{'s' if count > 1 else ''} of mine"

    @property
    def test_title(self) -> str:
        """The title of the published dataset, whose test split is used."""
        return datasets.CATALOGUE[self.base].title

    @property
    def train_count(self) -> int:
        sample = sample_count(datasets.CATALOGUE[self.base].train)
        return repeats(len(self.drawings), sample) * len(self.drawings) + sample

    @property
    def test_count(self) -> int:
        return datasets.CATALOGUE[self.base].test

    def load(self) -> Dataset:
        """The drawings mixed with images of the published dataset; the test split is the published dataset's.

        Raises DatasetMissing when the published dataset isn't on this machine or a drawing was deleted."""
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
    """The drawings, each repeated, and a sample of the images, shuffled together, so that the validation images, which
    are taken from them, contain both.
    """
    generator = np.random.default_rng(SEED)
    sample = generator.permutation(len(images))[: sample_count(len(images))]
    times = repeats(len(ink), len(sample))
    order = generator.permutation(times * len(ink) + len(sample))
    pixels = np.concatenate([np.tile(ink.images, (times, 1, 1)), images.images[sample]])
    labels = np.concatenate([np.tile(ink.labels, times), images.labels[sample]])
    return Split(pixels[order], labels[order])


def sample_count(images: int) -> int:
    """How many of n = `images` published images are mixed with the drawings."""
    return min(SAMPLE, images)


def repeats(drawings: int, sample: int) -> int:
    """How often each of n = `drawings` drawings is repeated beside `sample` published images."""
    return min(max(round(SHARE / (1 - SHARE) * sample / drawings), 1), MOST_REPEATS)
