"""Drawings as a run learns from them, and under which key everybody finds them."""

import numpy as np
import pytest
from django.http import Http404

from digits import datasets, library
from digits.datasets import DatasetMissing
from digits.ink.strokes import TAP, normalise
from digits.models import Handwriting, OwnDrawing, handwriting
from tests.digits.models.test_drawing import FOUR

ONE = [[[0.5, 0.1], [0.5, 0.9]]]
PIXELS = normalise(FOUR, smallest=TAP).pixels


@pytest.fixture
def drawings(owner):
    return [OwnDrawing.objects.keep(owner, FOUR, 4), OwnDrawing.objects.keep(owner, ONE, 1)]


@pytest.fixture
def taken(owner, drawings):
    return Handwriting.objects.take(owner)


def copies(dataset, pixels=PIXELS):
    return (dataset.train.images == pixels).all(axis=(1, 2))


def test_a_drawing_comes_often_among_a_sample_of_the_published_images(taken):
    base, dataset = datasets.load(), library.load(taken.key)
    sample = min(handwriting.SAMPLE, len(base.train))
    assert (dataset.name, dataset.is_substitute) == (taken.key, base.is_substitute)
    assert dataset.test is base.test
    assert len(dataset.train) == taken.train_count == sample + 2 * handwriting.MOST_REPEATS
    assert copies(dataset).sum() == handwriting.MOST_REPEATS
    assert set(dataset.train.labels[copies(dataset)]) == {4}
    assert set(dataset.train.labels) == set(range(10))


def test_many_drawings_come_to_about_a_fifth():
    shares = [count * handwriting.repeats(count, 6000) for count in (20, 50, 300, 1000)]
    assert shares == [1500, 1500, 1500, 2000]
    assert handwriting.repeats(2000, 6000) == 1


def test_the_same_content_whoever_loads_it_when(taken):
    one, other = taken.load(), Handwriting.objects.get().load()
    assert one.fingerprint == other.fingerprint


def test_taken_twice_it_is_one_and_with_another_label_another(owner, taken, drawings):
    assert Handwriting.objects.take(owner) == taken
    OwnDrawing.objects.filter(pk=drawings[0].pk).update(label=9)
    other = Handwriting.objects.take(owner)
    assert other.fingerprint != taken.fingerprint
    assert library.fingerprint(other.key) == other.fingerprint
    assert set(taken.load().train.labels[copies(taken.load())]) == {4}, "as it was when it was taken"
    assert set(other.load().train.labels[copies(other.load())]) == {9}


def test_a_drawing_kept_since_is_not_in_it(owner, taken):
    OwnDrawing.objects.keep(owner, ONE, 1)
    assert taken.train_count == len(taken.load().train)


def test_a_deleted_drawing_is_named_with_what_to_do(taken, drawings):
    drawings[0].delete()
    with pytest.raises(DatasetMissing, match=r"1 of the 2 drawings to learn from was deleted\. Choose"):
        library.load(taken.key)


def test_without_drawings_there_is_nothing_to_take(owner):
    with pytest.raises(DatasetMissing, match="draw some first"):
        Handwriting.objects.take(owner)


def test_its_key_opens_it_for_its_owner_only(owner, stranger, taken, drawings):
    assert library.find(owner, taken.key).name == taken.key
    assert library.fetch(taken.key, lambda *_: None).name == taken.key
    title = datasets.load().title
    assert library.title(taken.key) == f"{title} and 2 drawings of mine"
    assert library.test_title(taken.key) == title
    assert library.test_title("kmnist") == "KMNIST"
    assert taken.key in [entry.key for entry in library.entries(owner, also=taken.key)]
    assert taken.key not in [entry.key for entry in library.entries(stranger, also=taken.key)]
    with pytest.raises(Http404):
        library.find(stranger, taken.key)
    drawings[0].delete()
    with pytest.raises(Http404):
        library.find(owner, taken.key)


@pytest.mark.parametrize("key", ["mine-", "mine-x", "mine-99999999", "mine-1٣", "mine-9999999999999999"])
def test_a_key_that_names_none_opens_none(db, owner, key):
    assert Handwriting.objects.named(key) is None
    with pytest.raises(DatasetMissing):
        library.load(key)
    with pytest.raises(Http404):
        library.find(owner, key)


def test_a_guests_handwriting_comes_along_and_still_opens(guest, owner):
    OwnDrawing.objects.keep(guest, FOUR, 4)
    taken = Handwriting.objects.take(guest)
    guest.hand_over_to(owner)
    assert np.any(copies(library.find(owner, taken.key)))
