"""How many of a user's kept drawings each network reads correctly; cached until the drawings change."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from django.core.cache import caches
from django.db.models import QuerySet
from numpy.typing import NDArray

from digits.datasets.dataset import SIDE, Bytes
from digits.ink.png import png
from digits.models import Handwriting, OwnDrawing
from digits.models.drawing import MOST_DRAWINGS
from training import networks
from training.ml.config.architecture import trace
from training.models import Network, Run
from training.networks import Found

QUICK = 1e9  # multiplications that a page may wait for: about half a second
MOST_TILES = 60  # shown of the mistakes, and of the new mistakes

Answers = NDArray[np.uint8]  # (n,): the digit that a network reads in each drawing


@dataclass(frozen=True)
class Score:
    """The number of drawings read correctly, of `total`."""

    right: int
    total: int

    def __str__(self) -> str:
        return f"{self.right:,} of {self.total:,}"


@dataclass(frozen=True, eq=False)
class MyDigits:
    """The drawings of a user, newest first: their ids and labels."""

    ids: list[int]
    labels: Bytes  # (n,)

    @classmethod
    def of(cls, user: Any) -> MyDigits:
        """The newest MOST_DRAWINGS: a user who took over a guest's drawings may have more."""
        rows = list(OwnDrawing.objects.of(user).values_list("pk", "label")[:MOST_DRAWINGS])
        return cls([pk for pk, _ in rows], np.array([label for _, label in rows], np.uint8))

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def digest(self) -> str:
        """A hash of the drawings' ids, which stands for their ink, since the ink of a drawing never changes."""
        return hashlib.sha256(repr(self.ids).encode()).hexdigest()

    @cached_property
    def images(self) -> Bytes:
        """The images, (n, 28, 28); blank for a drawing that was deleted in the meantime."""
        images = np.zeros((len(self), SIDE, SIDE), np.uint8)
        found = pixels(self.ids)
        for row, pk in enumerate(self.ids):
            if pk in found:
                images[row] = found[pk]
        return images

    def is_quick(self, found: Found) -> bool:
        """Whether the network reads all drawings fast enough for a page to wait."""
        operations = sum(layer.operations for layer in trace(networks.load(found).layers))
        return operations * len(self) <= QUICK

    def known(self, versions: Iterable[str]) -> dict[str, Answers]:
        """Version -> cached answers, for each version of a network that has read these drawings."""
        keys = {f"{version}-{self.digest}": version for version in versions}
        return {keys[key]: answers for key, answers in caches["answers"].get_many(keys).items()}

    def read_by(self, found: Found) -> Answers:
        """The network's answers (n,), from the cache or computed now."""
        if (answers := self.known([found.version]).get(found.version)) is None:
            read = networks.load(found).predict(self.images) if self.ids else np.zeros((0, 10))  # (n, 10)
            answers = read.argmax(axis=1).astype(np.uint8)
            caches["answers"].set(f"{found.version}-{self.digest}", answers)
        return answers

    def score(self, answers: Answers, among: NDArray[np.bool_] | None = None) -> Score:
        """How many drawings are read correctly; with the mask `among` (n,), only among these."""
        right = answers == self.labels
        return (
            Score(int(right.sum()), len(self))
            if among is None
            else Score(int(right[among].sum()), int(among.sum()))
        )


def pixels(ids: Iterable[int]) -> dict[int, Bytes]:
    """Drawing id -> image (28, 28); deleted drawings are left out."""
    rows = OwnDrawing.objects.filter(pk__in=list(ids)).values_list("pk", "pixels")
    return {pk: np.frombuffer(bytes(data), np.uint8).reshape(SIDE, SIDE) for pk, data in rows}


def scores(mine: MyDigits, own: QuerySet[Network] | list[Network]) -> dict[int, Score]:
    """Network id -> score, for each network that has read all drawings already."""
    versions = {networks.version(network): network.pk for network in own}
    return {versions[v]: mine.score(answers) for v, answers in mine.known(versions).items()}


@dataclass(frozen=True)
class Changed:
    """A drawing with the answers of a network before and after the training."""

    label: int
    before: int
    after: int
    png: str

    @property
    def is_right(self) -> bool:
        return self.after == self.label


@dataclass(frozen=True)
class FineTuningReport:
    """How a run that learnt the user's handwriting reads their drawings; each pair is (before, after)."""

    learnt: tuple[Score, Score]  # on the drawings that the run trained on
    since: tuple[Score, Score]  # on the other drawings, which the run never saw
    mistakes: list[Changed]  # misread before, at most MOST_TILES
    mistake_count: int  # all drawings misread before
    mended: int  # misread before, and correct now
    spoilt: list[Changed]  # correct before, and misread now, at most MOST_TILES

    @classmethod
    def of(cls, run: Run, mine: MyDigits) -> FineTuningReport | None:
        """The report; None for a run without handwriting, initial network or final network, and without drawings."""
        handwriting = Handwriting.objects.named(run.dataset)
        if handwriting is None or not run.has_initial or not run.has_network or not mine.ids:
            return None
        before = mine.read_by(networks.start_of(run))
        after = mine.read_by(networks.opened(run.network))
        seen = np.isin(mine.ids, [pk for pk, _ in handwriting.drawings])  # (n,)
        was_wrong, is_wrong = before != mine.labels, after != mine.labels  # (n,) each
        mistakes, spoilt = (
            np.flatnonzero(was_wrong)[:MOST_TILES],
            np.flatnonzero(~was_wrong & is_wrong)[:MOST_TILES],
        )
        shown = pixels([mine.ids[row] for row in (*mistakes, *spoilt)])

        def changed(rows: NDArray[np.intp]) -> list[Changed]:
            return [
                Changed(int(mine.labels[row]), int(before[row]), int(after[row]), png(shown[mine.ids[row]]))
                for row in rows
                if mine.ids[row] in shown
            ]

        return cls(
            learnt=(mine.score(before, seen), mine.score(after, seen)),
            since=(mine.score(before, ~seen), mine.score(after, ~seen)),
            mistakes=changed(mistakes),
            mistake_count=int(was_wrong.sum()),
            mended=int((was_wrong & ~is_wrong).sum()),
            spoilt=changed(spoilt),
        )
