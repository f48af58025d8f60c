"""How well networks read the digits that a user has kept: counted once, for as long as the drawings are the same."""

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

QUICK = 1e9  # multiplications that a page may wait for: half a second
MOST_TILES = 60  # of the mistakes that are shown

Answers = NDArray[np.uint8]  # (n,), the digit that a network reads each drawing as


@dataclass(frozen=True)
class Score:
    """How many of so many drawings are read rightly."""

    right: int
    total: int

    def __str__(self) -> str:
        return f"{self.right:,} of {self.total:,}"


@dataclass(frozen=True, eq=False)
class MyDigits:
    """The drawings of a user, newest first: which there are and what each is meant to be."""

    ids: list[int]
    labels: Bytes  # (n,)

    @classmethod
    def of(cls, user: Any) -> MyDigits:
        """The newest, as many as one may have: a guest's that came along may make more."""
        rows = list(OwnDrawing.objects.of(user).values_list("pk", "label")[:MOST_DRAWINGS])
        return cls([pk for pk, _ in rows], np.array([label for _, label in rows], np.uint8))

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def digest(self) -> str:
        """What stands for the ink: it never changes, so the numbers of the drawings say it."""
        return hashlib.sha256(repr(self.ids).encode()).hexdigest()

    @cached_property
    def images(self) -> Bytes:
        """The images, (n, 28, 28); a drawing deleted since is blank."""
        images = np.zeros((len(self), SIDE, SIDE), np.uint8)
        found = pixels(self.ids)
        for row, pk in enumerate(self.ids):
            if pk in found:
                images[row] = found[pk]
        return images

    def is_quick(self, found: Found) -> bool:
        """Whether a page may wait until a network has read them all."""
        operations = sum(layer.operations for layer in trace(networks.load(found).layers))
        return operations * len(self) <= QUICK

    def known(self, versions: Iterable[str]) -> dict[str, Answers]:
        """What the networks of these versions made of them, of those that have read them already."""
        keys = {f"{version}-{self.digest}": version for version in versions}
        return {keys[key]: answers for key, answers in caches["answers"].get_many(keys).items()}

    def read_by(self, found: Found) -> Answers:
        """What a network makes of them; (n,)."""
        if (answers := self.known([found.version]).get(found.version)) is None:
            read = networks.load(found).predict(self.images) if self.ids else np.zeros((0, 10))  # (n, 10)
            answers = read.argmax(axis=1).astype(np.uint8)
            caches["answers"].set(f"{found.version}-{self.digest}", answers)
        return answers

    def score(self, answers: Answers, among: NDArray[np.bool_] | None = None) -> Score:
        """How many are read rightly; only those `among` (n,), if that is given."""
        right = answers == self.labels
        return (
            Score(int(right.sum()), len(self))
            if among is None
            else Score(int(right[among].sum()), int(among.sum()))
        )


def pixels(ids: Iterable[int]) -> dict[int, Bytes]:
    """The images (28, 28) of drawings, by their numbers."""
    rows = OwnDrawing.objects.filter(pk__in=list(ids)).values_list("pk", "pixels")
    return {pk: np.frombuffer(bytes(data), np.uint8).reshape(SIDE, SIDE) for pk, data in rows}


def scores(mine: MyDigits, own: QuerySet[Network] | list[Network]) -> dict[int, Score]:
    """The scores of those networks that have read all drawings already, by the networks' numbers."""
    versions = {networks.version(network): network.pk for network in own}
    return {versions[v]: mine.score(answers) for v, answers in mine.known(versions).items()}


@dataclass(frozen=True)
class Changed:
    """A drawing that a network read otherwise before it learnt."""

    label: int
    before: int
    after: int
    png: str

    @property
    def is_right(self) -> bool:
        return self.after == self.label


@dataclass(frozen=True)
class FineTuningReport:
    """What a run made of the handwriting that it learnt: my digits before and after."""

    learnt: tuple[Score, Score]  # of the drawings that it learnt from
    since: tuple[Score, Score]  # of those that it never saw
    mistakes: list[Changed]  # read wrongly before
    mistake_count: int
    mended: int  # of those mistakes
    spoilt: list[Changed]  # read rightly before, and wrongly now

    @classmethod
    def of(cls, run: Run, mine: MyDigits) -> FineTuningReport | None:
        """None for a run that learnt no handwriting, or from no network, or has not ended with one."""
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
