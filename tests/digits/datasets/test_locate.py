import gzip
import hashlib
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from digits.datasets import Dataset, DatasetMissing, Paths, Release, atomic, download
from digits.datasets.errors import StorageError
from digits.datasets.locate import Search
from tests.digits.datasets.mirror import Mirror, held, moved, refused, said, whole

FIRST = "train-images-idx3-ubyte"

Find = Callable[..., Dataset]


@pytest.fixture
def lines() -> list[str]:
    """What the search reports."""
    return []


@pytest.fixture
def find(release: Release, lines: list[str]) -> Find:
    def find(folders: Paths, may_download: bool = True) -> Dataset:
        return Search(folders, release, lines.append, lambda _: None, may_download).dataset()

    return find


@pytest.fixture
def both(mirror: Mirror, packed: dict[str, bytes]) -> Mirror:
    """Two mirrors that have everything."""
    mirror.serve("one", packed)
    mirror.serve("two", packed)
    return mirror


def fill(folder: Path | None, files: dict[str, bytes]) -> None:
    assert folder
    for name, content in files.items():
        (folder / name).write_bytes(content)


def whole_and_unchanged(dataset: Dataset, content: dict[str, bytes]) -> bool:
    return (
        dataset.train.images.tobytes() == content["train-images-idx3-ubyte"][16:]
        and dataset.train.labels.tobytes() == content["train-labels-idx1-ubyte"][8:]
        and dataset.test.images.tobytes() == content["t10k-images-idx3-ubyte"][16:]
        and dataset.test.labels.tobytes() == content["t10k-labels-idx1-ubyte"][8:]
    )


def test_plain_files_of_the_user_are_mapped_in_place(
    own: Paths, content: dict[str, bytes], find: Find
) -> None:
    fill(own.mnist, content)
    assert whole_and_unchanged(find(own), content)
    assert [file.name for file in own.cache("mnist").iterdir()] == ["verified.json"]


def test_packed_files_of_the_user_are_unpacked_once(
    own: Paths, content: dict[str, bytes], packed: dict[str, bytes], find: Find, lines: list[str]
) -> None:
    fill(own.mnist, packed)
    assert whole_and_unchanged(find(own), content)
    assert {file.name for file in own.cache("mnist").iterdir()} == {*content, "verified.json"}
    assert len(lines) == 4
    find(own)
    assert len(lines) == 4


def test_dotted_names_are_understood(own: Paths, content: dict[str, bytes], find: Find) -> None:
    fill(own.mnist, {name.replace("-idx", ".idx"): data for name, data in content.items()})
    assert whole_and_unchanged(find(own), content)


def test_the_content_counts_and_not_the_ending(own: Paths, content: dict[str, bytes], find: Find) -> None:
    # given plain files with .gz in the name, and the other way round
    swapped = {f"{name}.gz" if "train" in name else name: data for name, data in content.items()}
    fill(own.mnist, {name: data if ".gz" in name else gzip.compress(data) for name, data in swapped.items()})
    assert whole_and_unchanged(find(own), content)


def test_a_damaged_file_of_the_user_is_reported_and_another_source_taken(
    own: Paths, content: dict[str, bytes], find: Find, both: Mirror, lines: list[str]
) -> None:
    fill(own.mnist, content | {FIRST: content[FIRST][:-1]})
    assert whole_and_unchanged(find(own), content)
    assert lines == [
        f"{own.mnist}/{FIRST}: expected 23,536 bytes, found 23,535",
        f"Downloading {both.url}/one/{FIRST}.gz.",
    ]


def test_a_damaged_file_of_the_user_stands_back_behind_a_sound_one_beside_it(
    own: Paths, content: dict[str, bytes], packed: dict[str, bytes], find: Find
) -> None:
    fill(own.mnist, packed | {FIRST: b"damaged"})
    assert whole_and_unchanged(find(own), content)


def test_a_file_with_other_images_is_refused(own: Paths, content: dict[str, bytes], find: Find) -> None:
    other = content[FIRST][:-1] + bytes([content[FIRST][-1] ^ 1])
    for data in (other, gzip.compress(other)):
        fill(own.mnist, content | {FIRST: data})
        with pytest.raises(DatasetMissing, match=f"{FIRST}: expected content with SHA-256"):
            find(own)
    assert not (own.cache("mnist") / FIRST).exists()


def test_a_missing_folder_of_the_user_is_named(own: Paths, find: Find) -> None:
    nowhere = replace(own, mnist=own.home / "nowhere")
    with pytest.raises(DatasetMissing, match=r"nowhere: cannot be read \(No such file or directory\)"):
        find(nowhere, may_download=False)


def test_an_empty_folder_of_the_user_is_named(own: Paths, find: Find) -> None:
    with pytest.raises(DatasetMissing) as caught:
        find(own, may_download=False)
    assert str(caught.value) == (
        f"MNIST is not on this machine: {own.mnist}: expected {FIRST} or {FIRST}.gz, found neither."
    )


def test_what_is_not_here_is_downloaded_once(
    folders: Paths, content: dict[str, bytes], find: Find, both: Mirror
) -> None:
    assert whole_and_unchanged(find(folders), content)
    assert both.asked == [f"/one/{name}.gz" for name in content]
    assert whole_and_unchanged(find(folders), content)
    assert len(both.asked) == 4


def test_a_download_unpacked_on_the_way_is_taken_too(
    folders: Paths, content: dict[str, bytes], find: Find, mirror: Mirror
) -> None:
    mirror.serve("one", {f"{name}.gz": data for name, data in content.items()})
    assert whole_and_unchanged(find(folders), content)


def test_the_second_mirror_is_asked_when_the_first_fails_and_stays_first(
    folders: Paths, content: dict[str, bytes], find: Find, both: Mirror
) -> None:
    both.answers[f"/one/{FIRST}.gz"] = refused(404)
    assert whole_and_unchanged(find(folders), content)
    assert both.asked == [f"/one/{FIRST}.gz", *(f"/two/{name}.gz" for name in content)]


@pytest.mark.parametrize("kind", ["other", "cut", "announced", "page", "loop", "dropped"])
def test_a_wrong_answer_of_the_first_mirror_is_noticed(
    folders: Paths, content: dict[str, bytes], packed: dict[str, bytes], find: Find, both: Mirror, kind: str
) -> None:
    url, good = f"/one/{FIRST}.gz", packed[f"{FIRST}.gz"]
    both.answers[url] = {
        "other": whole(gzip.compress(content[FIRST][:-1] + b"!")),
        "cut": whole(good[:-1000]),
        "announced": whole(good[:-1000], announced=len(good)),
        "page": whole(b"<!doctype html><title>Please sign in</title>"),
        "loop": moved(f"{both.url}{url}"),
        "dropped": said(b""),
    }[kind]
    assert whole_and_unchanged(find(folders), content)
    assert f"/two/{FIRST}.gz" in both.asked
    assert {file.name for file in folders.cache("mnist").iterdir()} == {*content, "verified.json"}


def test_a_mirror_that_falls_silent_is_left(
    folders: Paths,
    content: dict[str, bytes],
    packed: dict[str, bytes],
    find: Find,
    both: Mirror,
    monkeypatch: pytest.MonkeyPatch,
    lines: list[str],
) -> None:
    monkeypatch.setattr(download, "SILENCE", 0.2)
    never = Event()
    both.answers[f"/one/{FIRST}.gz"] = held(packed[f"{FIRST}.gz"][:9000], never, announced=20_000)
    assert whole_and_unchanged(find(folders), content)
    assert f"{both.url}/one/{FIRST}.gz: cannot be read (timed out)" in lines
    never.set()


def test_when_no_mirror_has_it_both_reasons_are_told(folders: Paths, find: Find, mirror: Mirror) -> None:
    with pytest.raises(DatasetMissing) as caught:
        find(folders)
    assert str(caught.value) == (
        "MNIST is not on this machine: "
        f"{mirror.url}/one/{FIRST}.gz: the server answered 404 Not Found; "
        f"{mirror.url}/two/{FIRST}.gz: the server answered 404 Not Found."
    )
    assert not folders.cache("mnist").exists()


def test_a_damaged_cache_is_repaired(
    folders: Paths, content: dict[str, bytes], find: Find, both: Mirror
) -> None:
    find(folders)
    (folders.cache("mnist") / FIRST).write_bytes(content[FIRST][:100])
    assert whole_and_unchanged(find(folders), content)
    assert both.asked.count(f"/one/{FIRST}.gz") == 2


def test_a_damaged_cache_is_repaired_from_packed_files_already_known(
    own: Paths, content: dict[str, bytes], packed: dict[str, bytes], find: Find
) -> None:
    fill(own.mnist, packed)
    find(own)
    (own.cache("mnist") / FIRST).write_bytes(content[FIRST][:100])
    assert whole_and_unchanged(find(own, may_download=False), content)


def test_a_cache_that_was_copied_is_verified_and_used(
    folders: Paths, content: dict[str, bytes], find: Find
) -> None:
    folders.cache("mnist").mkdir(parents=True)
    fill(folders.cache("mnist"), content)
    assert whole_and_unchanged(find(folders, may_download=False), content)


@pytest.mark.parametrize("switch", ["setting", "argument"])
def test_without_leave_nothing_is_asked_of_the_network(
    folders: Paths, find: Find, both: Mirror, switch: str
) -> None:
    folders = replace(folders, may_download=switch != "setting")
    with pytest.raises(DatasetMissing) as caught:
        find(folders, may_download=switch != "argument")
    reason = {
        "setting": "downloads are switched off (TRYML_DOWNLOAD=0)",
        "argument": "it has not been downloaded",
    }
    assert str(caught.value) == f"MNIST is not on this machine: {reason[switch]}."
    assert both.asked == []


def test_every_reason_is_told(own: Paths, find: Find, content: dict[str, bytes]) -> None:
    fill(own.mnist, content | {FIRST: b"damaged"})
    with pytest.raises(DatasetMissing) as caught:
        find(replace(own, may_download=False))
    assert str(caught.value) == (
        f"MNIST is not on this machine: {own.mnist}/{FIRST}: expected a header of 16 bytes, found 7; "
        "downloads are switched off (TRYML_DOWNLOAD=0)."
    )


def test_a_full_disk_is_told_once_and_leaves_nothing(
    folders: Paths, find: Find, both: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DatasetMissing, match=f"{FIRST}: cannot be written .No space left on device.[.]$"):
        find(folders)
    assert both.asked == [f"/one/{FIRST}.gz"]
    assert list(folders.cache("mnist").iterdir()) == []


def test_a_cache_that_cannot_be_written_serves_what_it_has(
    own: Paths,
    content: dict[str, bytes],
    packed: dict[str, bytes],
    find: Find,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # given a whole cache, packed files of the user's own that are new to us, and no room to unpack them
    own.cache("mnist").mkdir(parents=True)
    fill(own.cache("mnist"), content)
    fill(own.mnist, packed)

    def forbidden(path: Path) -> None:
        raise StorageError(f"{path}: cannot be written")

    monkeypatch.setattr(atomic, "replacing", forbidden)
    assert whole_and_unchanged(find(own), content)


@pytest.fixture
def by_packed(release: Release, packed: dict[str, bytes]) -> Release:
    """The tiny release as KMNIST is known: by the digests of the files in gzip."""
    files = tuple(
        replace(file, sha256="", packed_sha256=hashlib.sha256(packed[f"{file.name}.gz"]).hexdigest())
        for file in release.files
    )
    return replace(release, name="kmnist", title="KMNIST", files=files)


def search(folders: Paths, release: Release, may_download: bool = True) -> Dataset:
    return Search(folders, release, lambda _: None, lambda _: None, may_download).dataset()


def test_files_known_only_in_gzip_are_verified_as_they_come(
    folders: Paths, by_packed: Release, content: dict[str, bytes], both: Mirror
) -> None:
    dataset = search(folders, by_packed)
    assert whole_and_unchanged(dataset, content)
    assert (dataset.name, dataset.title) == ("kmnist", "KMNIST")
    # then what was unpacked is known, and nothing is asked again
    assert whole_and_unchanged(search(folders, by_packed, may_download=False), content)
    assert len(both.asked) == 4


@pytest.mark.parametrize("wrong", ["other", "longer", "plain"])
def test_a_file_in_gzip_with_another_digest_is_refused(
    folders: Paths,
    by_packed: Release,
    content: dict[str, bytes],
    packed: dict[str, bytes],
    both: Mirror,
    wrong: str,
) -> None:
    good = packed[f"{FIRST}.gz"]
    both.answers[f"/one/{FIRST}.gz"] = {
        "other": whole(gzip.compress(content[FIRST], mtime=1)),
        "longer": whole(good + b"\0" * 8),
        "plain": whole(content[FIRST]),
    }[wrong]
    assert whole_and_unchanged(search(folders, by_packed), content)
    assert f"/two/{FIRST}.gz" in both.asked


@pytest.mark.parametrize("published", ["by_packed", "release"])
def test_an_administrator_may_put_the_files_as_published_into_the_cache(
    folders: Paths,
    content: dict[str, bytes],
    packed: dict[str, bytes],
    published: str,
    request: pytest.FixtureRequest,
) -> None:
    release = request.getfixturevalue(published)
    folders.cache(release.name).mkdir(parents=True)
    fill(folders.cache(release.name), packed)
    assert whole_and_unchanged(search(folders, release, may_download=False), content)


def test_unpacked_files_that_no_checksum_is_known_of_are_not_trusted(
    folders: Paths, by_packed: Release, content: dict[str, bytes]
) -> None:
    folders.cache("kmnist").mkdir(parents=True)
    fill(folders.cache("kmnist"), content)
    with pytest.raises(DatasetMissing, match=f"{FIRST}: expected {FIRST}.gz as published, found a file that"):
        search(folders, by_packed, may_download=False)


def upright(dataset: Dataset, content: dict[str, bytes]) -> bool:
    published = np.frombuffer(content[FIRST], np.uint8, offset=16).reshape(-1, 28, 28)
    labels = dataset.train.labels.tobytes() == content["train-labels-idx1-ubyte"][8:]
    return labels and np.array_equal(dataset.train.images, published.transpose(0, 2, 1))


def test_an_archive_is_downloaded_verified_unpacked_turned_upright_and_removed(
    folders: Paths, zipped: tuple[Release, bytes], content: dict[str, bytes], mirror: Mirror
) -> None:
    release, data = zipped
    mirror.serve("two", {"gzip.zip": data})
    assert upright(search(folders, release), content)
    assert mirror.asked == ["/one/gzip.zip", "/two/gzip.zip"]
    cache = folders.cache("emnist-digits")
    assert {file.name for file in cache.iterdir()} == {*content, "verified.json"}
    assert upright(search(folders, release, may_download=False), content)


def test_an_archive_put_there_by_hand_is_used_and_left(
    folders: Paths, zipped: tuple[Release, bytes], content: dict[str, bytes]
) -> None:
    release, data = zipped
    cache = folders.cache("emnist-digits")
    cache.mkdir(parents=True)
    (cache / "gzip.zip").write_bytes(data)
    assert upright(search(folders, release, may_download=False), content)
    assert (cache / "gzip.zip").exists()


@pytest.mark.parametrize("damage", ["other", "cut", "longer"])
def test_another_archive_than_the_published_one_is_refused(
    folders: Paths, zipped: tuple[Release, bytes], mirror: Mirror, damage: str
) -> None:
    release, data = zipped
    answer = {"other": data[:-1] + b"!", "cut": data[:-100], "longer": data + b"!"}[damage]
    mirror.serve("one", {"gzip.zip": answer})
    with pytest.raises(DatasetMissing, match=r"EMNIST digits is not on this machine: .*gzip\.zip: expected"):
        search(folders, release)
    assert not list(folders.cache("emnist-digits").glob("*"))
