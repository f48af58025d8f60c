"""Datasets of users: kept in the database, unpacked where they are needed."""

import mmap
import shutil

import numpy as np
import pytest

from digits.datasets import DatasetError, DatasetMissing, atomic
from digits.datasets.errors import StorageError
from digits.models import OwnDataset, OwnPart, TooManyDatasets, own_dataset
from digits.uploads.upload import from_idx, packed
from tests.digits.conftest import images


def same(dataset, intake):
    return all(
        np.array_equal(getattr(getattr(dataset, split), array), getattr(getattr(intake, split), array))
        for split in ("train", "test")
        for array in ("images", "labels")
    )


def test_what_was_kept_is_loaded(own, intake):
    dataset = own.load()
    assert same(dataset, intake)
    assert (dataset.name, dataset.title, dataset.is_substitute) == (f"own-{own.pk}", "Mine", False)
    assert dataset.fingerprint == own.fingerprint
    assert dataset.classes == ("nought", "one", "2", "3", "4", "5", "6", "7", "8", "9")
    assert (own.train_count, own.test_count) == (108, 12)


def test_it_is_unpacked_once_and_mapped(own, home, django_assert_num_queries):
    own.load()
    folder = home / "datasets" / "own" / own.fingerprint
    assert {file.name for file in folder.iterdir()} == set(own_dataset.FILES)
    with django_assert_num_queries(0):
        base = own.load().train.images
    while isinstance(base, np.ndarray | memoryview):
        base = base.base if isinstance(base, np.ndarray) else base.obj
    assert isinstance(base, mmap.mmap)


def test_a_process_that_comes_later_maps_the_same_files(own, intake, monkeypatch, django_assert_num_queries):
    own.load()
    monkeypatch.setattr(own_dataset, "_verified", {})
    with django_assert_num_queries(0):
        assert same(own.load(), intake)


@pytest.mark.parametrize("damage", ["changed", "cut", "gone"])
def test_a_damaged_file_is_replaced_from_the_database(own, intake, home, monkeypatch, damage):
    own.load()
    file = home / "datasets" / "own" / own.fingerprint / "train-images"
    content = file.read_bytes()
    file.unlink()
    if damage != "gone":
        file.write_bytes(content[:-1] + (b"!" if damage == "changed" else b""))
    monkeypatch.setattr(own_dataset, "_verified", {})
    assert same(own.load(), intake)
    assert file.read_bytes() == content


def test_where_nothing_can_be_written_it_is_in_memory(own, intake, monkeypatch):
    def forbidden(path):
        raise StorageError(f"{path}: cannot be written")

    monkeypatch.setattr(atomic, "replacing", forbidden)
    assert same(own.load(), intake)


def test_rows_are_of_bounded_size(owner, home, intake, monkeypatch):
    monkeypatch.setattr(own_dataset, "CHUNK", 10_000)
    own = OwnDataset.objects.keep(owner, "Mine", [], intake)
    sizes = [len(bytes(part.data)) for part in own.parts.filter(file="train-images")]
    assert len(sizes) > 3
    assert max(sizes) == 10_000
    assert same(own.load(), intake)


def test_content_that_was_tampered_with_is_refused(own):
    part = own.parts.get(file="test-labels")
    other = from_idx(images(labels=5))
    OwnPart.objects.filter(pk=part.pk).update(data=packed(other.test.labels))
    with pytest.raises(DatasetError, match="Mine: expected the content that was uploaded, found another"):
        own.load()


def test_a_dataset_that_was_deleted_meanwhile_says_so(own):
    OwnPart.objects.all().delete()
    with pytest.raises(DatasetMissing, match=r"Mine is no longer there: it was deleted\."):
        own.load()


def test_discarding_removes_the_files_unless_another_needs_them(own, stranger, intake, home):
    twin = OwnDataset.objects.keep(stranger, "Theirs", [], intake)
    folder = home / "datasets" / "own" / own.fingerprint
    own.load()
    own.discard()
    assert folder.exists()
    twin.discard()
    assert not folder.exists()
    assert not OwnPart.objects.exists()


def test_nobody_has_more_than_there_may_be(owner, stranger, home, intake):
    for number in range(own_dataset.MOST_DATASETS):
        OwnDataset.objects.keep(owner, str(number), [], intake)
    with pytest.raises(TooManyDatasets, match="You have 5 datasets, the most there may be: delete one first"):
        OwnDataset.objects.keep(owner, "one more", [], intake)
    assert OwnDataset.objects.of(owner).count() == own_dataset.MOST_DATASETS
    OwnDataset.objects.keep(stranger, "theirs", [], intake)


def test_a_machine_keeps_only_so_many_unpacked(owner, home, monkeypatch):
    monkeypatch.setattr(own_dataset, "UNPACKED", 2)
    for seed in range(4):
        OwnDataset.objects.keep(owner, str(seed), [], from_idx(images(seed=seed))).load()
    assert len(list((home / "datasets" / "own").iterdir())) == 2
    # and what was removed is unpacked again
    assert len(OwnDataset.objects.get(title="0").load().train) == 108


def test_a_guests_datasets_come_along_when_they_sign_up(guest, owner, home, intake):
    OwnDataset.objects.keep(guest, "Mine", [], intake)
    guest.hand_over_to(owner)
    assert OwnDataset.objects.of(owner).get().title == "Mine"


def test_a_folder_removed_by_hand_does_no_harm(own, home, intake, monkeypatch):
    own.load()
    shutil.rmtree(home / "datasets")
    monkeypatch.setattr(own_dataset, "_verified", {})
    assert same(own.load(), intake)
