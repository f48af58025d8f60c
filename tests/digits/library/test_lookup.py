from functools import partial

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404

from digits import datasets, library
from digits.datasets import DatasetMissing
from digits.library import State, downloads


def test_a_key_opens_what_it_names_whoever_asks(own):
    assert library.load(own.key).title == "Mine"
    assert library.load("uci-digits").name == "uci-digits"
    assert library.load().name == datasets.load().name


@pytest.mark.parametrize(
    "key", ["own-99999999", "own-x", "own-", "own-999999999999999999999999", "cifar", "kmnist"]
)
@pytest.mark.django_db
def test_a_key_that_opens_nothing_raises_one_line(home, key):
    with pytest.raises(DatasetMissing) as caught:
        library.load(key)
    assert "\n" not in str(caught.value)


def test_a_visitor_finds_what_is_theirs(own, owner, stranger):
    assert library.find(owner, own.key).title == "Mine"
    for visitor in (stranger, AnonymousUser()):
        with pytest.raises(Http404):
            library.find(visitor, own.key)


@pytest.mark.parametrize("key", ["own-1x", "cifar", "", "../mnist"])
def test_what_there_isnt_is_not_found(owner, key):
    with pytest.raises(Http404):
        library.find(owner, key)


def test_a_published_dataset_that_is_not_here_is_no_404(owner, home):
    with pytest.raises(DatasetMissing):
        library.find(owner, "kmnist")


def test_choices_are_the_published_ones_and_ones_own(own, owner, stranger, monkeypatch):
    monkeypatch.delenv("MNIST_DIR", raising=False)
    monkeypatch.setattr(downloads.current("kmnist"), "running", True)
    assert library.choices(owner) == [
        ("mnist", "MNIST", State.NOT_FETCHED),
        ("fashion-mnist", "Fashion-MNIST", State.NOT_FETCHED),
        ("kmnist", "KMNIST", State.FETCHING),
        ("emnist-digits", "EMNIST digits", State.NOT_FETCHED),
        ("uci-digits", "UCI digits", State.READY),
        (own.key, "Mine", State.READY),
    ]
    for visitor in (stranger, AnonymousUser()):
        assert [choice.key for choice in library.choices(visitor)] == list(datasets.CATALOGUE)


def test_every_key_has_a_title_also_when_it_is_gone(own):
    assert library.title("fashion-mnist") == "Fashion-MNIST"
    assert library.title(own.key) == "Mine"
    own.discard()
    assert library.title(own.key) == "a dataset that was deleted"


def test_what_was_deleted_is_known_no_longer(own):
    assert library.is_known("kmnist")
    assert library.is_known(own.key)
    own.discard()
    assert not library.is_known(own.key)


def test_labels_have_names_of_their_own_or_are_digits(own):
    assert library.names("fashion-mnist")[9] == "Ankle boot"
    assert library.names(own.key) == own.load().classes
    own.discard()
    assert "".join(library.names(own.key)) == "".join(library.names("mnist")) == "0123456789"


def test_fetching_by_key_downloads_only_what_is_missing(own, home, monkeypatch):
    asked, told = [], []
    monkeypatch.setattr(datasets, "fetch", lambda name, *_: asked.append(name))
    fetch = partial(library.fetch, tell=lambda *progress: told.append(progress))
    assert fetch(own.key).title == "Mine"
    assert fetch("uci-digits").name == "uci-digits"
    assert told == []
    fetch("kmnist")
    assert asked == ["kmnist"]
