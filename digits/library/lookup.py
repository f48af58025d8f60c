"""Finds datasets by key: the published datasets, and the users' own."""

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
from tryml.numbers import whole


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
    """A dataset in the list of all."""

    key: str
    title: str
    state: State
    train: int  # images
    test: int  # images
    size: int = 0  # bytes to download
    percent: int = 0  # of the download under way


def load(key: str | None = None) -> Dataset:
    """Open the dataset of that key, whoever owns it; without a key, MNIST or its substitute.

    Never downloads. Raises DatasetMissing for a dataset that is not on this machine or was deleted, and DatasetError
    for an upload with damaged content."""
    if key and key.startswith((PREFIX, HANDWRITING)):
        owned = _owned(key)
        if not owned:
            raise DatasetMissing("The dataset is no longer there: its owner deleted it.")
        return owned.load()
    return datasets.load(key)


def fetch(key: str, tell: downloads.Tell) -> Dataset:
    """Like `load`, but first downloads a published dataset that isn't on this machine, see `downloads.fetch`."""
    if key in datasets.CATALOGUE:
        try:
            return datasets.load(key)
        except DatasetMissing:
            return downloads.fetch(key, tell)
    if isinstance(owned := _owned(key), Handwriting):
        fetch(owned.base, tell)
    return load(key)


def find(user: Any, key: str) -> Dataset:
    """Like `load`, for a visitor. Raises Http404 for an unknown key, and for a dataset that isn't theirs or was
    deleted; DatasetMissing for a published dataset that isn't on this machine."""
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
    """The title of the dataset of that key; a general phrase for a deleted dataset."""
    if key in datasets.CATALOGUE:
        return datasets.CATALOGUE[key].title
    owned = _owned(key)
    return owned.title if owned else "a dataset that was deleted"


def test_title(key: str) -> str:
    """The title of the dataset that the test split comes from."""
    handwriting = Handwriting.objects.named(key)
    return handwriting.test_title if handwriting else title(key)


def is_known(key: str) -> bool:
    """Whether the dataset exists, on this machine or for download."""
    return key in datasets.CATALOGUE or _owned(key) is not None


def names(key: str) -> tuple[str, ...]:
    """The names of the dataset's ten labels; the digits for a deleted dataset."""
    if key in datasets.CATALOGUE:
        return datasets.CATALOGUE[key].classes
    owned = _owned(key)
    return owned.names if isinstance(owned, OwnDataset) else DIGIT_NAMES


def train_count(key: str) -> int:
    """The number of the dataset's training images; 0 for a deleted dataset."""
    if key in datasets.CATALOGUE:
        return datasets.CATALOGUE[key].train
    owned = _owned(key)
    return owned.train_count if owned else 0


def fingerprint(key: str) -> str:
    """A text that stands for the dataset's content: the key for a published dataset, whose content is verified,
    and a SHA-256 for a user's own.
    """
    owned = _owned(key)
    return owned.fingerprint if owned else key


def choices(user: Any) -> list[Choice]:
    """The datasets that a user may choose from: the published datasets, then their own."""
    return [Choice(entry.key, entry.title, entry.state) for entry in entries(user)]


def entries(user: Any, also: str = "") -> list[Entry]:
    """Like `choices`, with all details; and the handwriting with the key `also`, if it is the user's."""
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
    number = whole(key.removeprefix(PREFIX)) if key.startswith(PREFIX) else None
    if number is None:
        return Handwriting.objects.named(key)
    return OwnDataset.objects.filter(pk=number).first()
