"""All datasets there are for somebody, by key: the published ones and their own."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from django.http import Http404

from digits import datasets
from digits.datasets import Dataset, DatasetMissing, Description, Release
from digits.datasets.dataset import DIGIT_NAMES
from digits.library import downloads
from digits.models import Handwriting, OwnDataset
from digits.models.handwriting import PREFIX as HANDWRITING
from digits.models.own_dataset import PREFIX


class State(StrEnum):
    READY = "ready"
    NOT_FETCHED = "not fetched"
    FETCHING = "fetching"


class Choice(NamedTuple):
    key: str
    title: str
    state: State


@dataclass(frozen=True)
class Entry:
    """A dataset as it stands in the list of all."""

    key: str
    title: str
    state: State
    train: int  # images
    test: int  # images
    size: int = 0  # bytes to download
    percent: int = 0  # of the download under way


def load(key: str | None = None) -> Dataset:
    """Open the dataset of that key, whoever owns it; without a key, MNIST or its substitute.

    Never downloads. Raises DatasetMissing for one that is not on this machine, or no longer anywhere."""
    if key and key.startswith((PREFIX, HANDWRITING)):
        owned = _owned(key)
        if not owned:
            raise DatasetMissing("The dataset is no longer there: its owner deleted it.")
        return owned.load()
    return datasets.load(key)


def fetch(key: str, tell: downloads.Tell) -> Dataset:
    """As `load`, but download the dataset first where it is not on this machine, see `fetching.fetch`."""
    if key in datasets.CATALOGUE:
        try:
            return datasets.load(key)
        except DatasetMissing:
            return downloads.fetch(key, tell)
    if isinstance(owned := _owned(key), Handwriting):
        fetch(owned.base, tell)
    return load(key)


def find(user: Any, key: str) -> Dataset:
    """As `load`, for a visitor. Raises Http404 for what isn't theirs and for what there isn't."""
    owned = _owned(key)
    if owned and owned.owner_id == user.pk:
        try:
            return owned.load()
        except DatasetMissing as error:
            raise Http404 from error
    if key not in datasets.CATALOGUE:
        raise Http404
    return datasets.load(key)


def title(key: str) -> str:
    """What people call the dataset of that key, if it is gone too."""
    if key in datasets.CATALOGUE:
        return datasets.CATALOGUE[key].title
    owned = _owned(key)
    return owned.title if owned else "a dataset that was deleted"


def test_title(key: str) -> str:
    """What people call its test split."""
    handwriting = Handwriting.objects.named(key)
    return handwriting.test_title if handwriting else title(key)


def is_known(key: str) -> bool:
    """Whether there is such a dataset still, here or to be fetched."""
    return key in datasets.CATALOGUE or _owned(key) is not None


def names(key: str) -> tuple[str, ...]:
    """What its ten labels are called; the digits, if nobody knows."""
    if key in datasets.CATALOGUE:
        return datasets.CATALOGUE[key].classes
    owned = _owned(key)
    return owned.names if isinstance(owned, OwnDataset) else DIGIT_NAMES


def train_count(key: str) -> int:
    """How many training images it has; 0 when it is gone."""
    if key in datasets.CATALOGUE:
        return datasets.CATALOGUE[key].train
    owned = _owned(key)
    return owned.train_count if owned else 0


def fingerprint(key: str) -> str:
    """What stands for the content of the dataset of that key: the key itself of a published one, whose content is
    verified, and what its content was found to be of somebody's own.
    """
    owned = _owned(key)
    return owned.fingerprint if owned else key


def choices(user: Any) -> list[Choice]:
    """The datasets that somebody may choose from: the published ones, then their own."""
    return [Choice(entry.key, entry.title, entry.state) for entry in entries(user)]


def entries(user: Any, also: str = "") -> list[Entry]:
    """The same with what there is to know of each; and the user's handwriting of the key `also`, if that is one."""
    published = [_entry(about) for about in datasets.CATALOGUE.values()]
    owned: list[OwnDataset | Handwriting] = [*OwnDataset.objects.of(user)]
    if isinstance(found := _owned(also), Handwriting) and found.owner_id == user.pk:
        owned.append(found)
    own = [Entry(each.key, each.title, State.READY, each.train_count, each.test_count) for each in owned]
    return published + own


def _entry(about: Description) -> Entry:
    size = about.size if isinstance(about, Release) else 0
    percent = downloads.current(about.name).percent
    return Entry(about.name, about.title, state(about.name), about.train, about.test, size, percent)


def state(key: str) -> State:
    """Whether a published dataset is on this machine."""
    if downloads.current(key).running:
        return State.FETCHING
    try:
        datasets.load(key)
    except DatasetMissing:
        return State.NOT_FETCHED
    return State.READY


def _owned(key: str) -> OwnDataset | Handwriting | None:
    number = key.removeprefix(PREFIX)
    if not key.startswith(PREFIX) or not (number.isascii() and number.isdecimal() and len(number) <= 15):
        return Handwriting.objects.named(key)
    return OwnDataset.objects.filter(pk=int(number)).first()
