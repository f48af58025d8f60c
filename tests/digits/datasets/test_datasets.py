"""The public interface, as the pages, the workers and a REPL use it."""

import multiprocessing
import subprocess
import sys
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Barrier, Event

import numpy as np
import pytest

from digits import datasets
from digits.datasets import DatasetMissing, Paths, Progress, Release
from digits.datasets.locate import Search
from tests.digits.datasets.mirror import Mirror, held
from tests.waiting import wait_until

FIRST = "train-images-idx3-ubyte"

spawn = multiprocessing.get_context("spawn")


@pytest.fixture
def full(mirror: Mirror, packed: dict[str, bytes]) -> Mirror:
    mirror.serve("one", packed)
    return mirror


def test_load_opens_the_substitute_where_mnist_is_not(folders: Paths, release: Release) -> None:
    dataset = datasets.load(folders=folders, release=release)
    assert (dataset.name, dataset.is_substitute) == ("uci-digits", True)
    assert (len(dataset.train), len(dataset.test)) == (1_500, 297)


def test_load_never_downloads(folders: Paths, release: Release, full: Mirror) -> None:
    datasets.load(folders=folders, release=release)
    with pytest.raises(DatasetMissing, match="MNIST is not on this machine: it has not been downloaded"):
        datasets.load("mnist", folders=folders, release=release)
    assert full.asked == []


def test_load_opens_either_by_name(own: Paths, release: Release, content: dict[str, bytes]) -> None:
    assert own.mnist
    for name, data in content.items():
        (own.mnist / name).write_bytes(data)
    assert datasets.load(folders=own, release=release).name == "mnist"
    assert datasets.load("mnist", folders=own, release=release).title == "MNIST"
    assert datasets.load("uci-digits", folders=own, release=release).is_substitute


def test_load_refuses_a_name_it_does_not_know(folders: Paths) -> None:
    with pytest.raises(DatasetMissing, match="There is no dataset called 'cifar', only mnist, fashion-mnist"):
        datasets.load("cifar", folders=folders)


def test_every_dataset_of_the_catalogue_is_described() -> None:
    names = ["mnist", "fashion-mnist", "kmnist", "emnist-digits", "uci-digits"]
    assert list(datasets.CATALOGUE) == names
    for name, about in datasets.CATALOGUE.items():
        assert about.name == name
        assert about.summary.endswith(".")
        assert about.source.endswith(".")
        assert len(about.classes) == 10
    assert datasets.CATALOGUE["fashion-mnist"].classes[7] == "Sneaker"


@pytest.mark.parametrize("name", ["fashion-mnist", "kmnist", "emnist-digits"])
def test_a_dataset_that_is_not_here_yet_says_so_in_a_line(folders: Paths, name: str) -> None:
    title = datasets.CATALOGUE[name].title
    with pytest.raises(
        DatasetMissing, match=f"^{title} is not on this machine: it has not been downloaded.$"
    ):
        datasets.load(name, folders=folders)


def test_fetch_makes_another_dataset_ready(folders: Paths, release: Release, full: Mirror) -> None:
    fashion = replace(release, name="fashion-mnist", title="Fashion-MNIST", classes=tuple("abcdefghij"))
    lines: list[str] = []
    dataset = datasets.fetch("fashion-mnist", lines.append, folders=folders, release=fashion)
    assert lines[-1] == "Fashion-MNIST is ready: 30 + 10 images."
    assert dataset.classes == tuple("abcdefghij")
    assert datasets.load("fashion-mnist", folders=folders, release=fashion) is dataset
    # and it never stands for MNIST
    assert datasets.load(folders=folders, release=release).is_substitute


def test_fetch_raises_what_problem_tells_afterwards(folders: Paths, release: Release) -> None:
    fashion = replace(release, name="fashion-mnist", title="Fashion-MNIST")
    with pytest.raises(DatasetMissing, match="404 Not Found") as caught:
        datasets.fetch("fashion-mnist", folders=folders, release=fashion)
    assert datasets.problem("fashion-mnist", folders=folders, release=fashion) == str(caught.value)
    assert datasets.problem("uci-digits", folders=folders) is None


def test_load_opens_a_dataset_once(folders: Paths, release: Release, full: Mirror) -> None:
    assert datasets.load(folders=folders, release=release) is datasets.load(folders=folders, release=release)
    dataset = datasets.prepare(folders=folders, release=release)
    assert datasets.load(folders=folders, release=release) is dataset


def test_load_searches_again_only_when_the_folders_have_changed(
    own: Paths, release: Release, content: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a process that has looked for MNIST in vain
    datasets.load(folders=own, release=release)
    search = Search.dataset
    searches: list[Search] = []

    def counted(self: Search) -> datasets.Dataset:
        searches.append(self)
        return search(self)

    monkeypatch.setattr(Search, "dataset", counted)
    # when nothing changes, then it does not look again
    assert datasets.load(folders=own, release=release).is_substitute
    assert searches == []
    # when the files appear, then it finds them
    assert own.mnist
    for name, data in content.items():
        (own.mnist / name).write_bytes(data)
    assert not datasets.load(folders=own, release=release).is_substitute
    assert len(searches) == 1


def test_what_another_process_prepares_is_seen(
    folders: Paths, release: Release, full: Mirror, content: dict[str, bytes]
) -> None:
    # given a process that works with the substitute
    assert datasets.load(folders=folders, release=release).is_substitute
    # when another process makes MNIST ready
    process = spawn.Process(target=datasets.prepare, kwargs={"folders": folders, "release": release})
    process.start()
    process.join()
    assert process.exitcode == 0
    # then this one finds it
    dataset = datasets.load(folders=folders, release=release)
    assert dataset.train.images.tobytes() == content[FIRST][16:]
    assert datasets.problem(folders=folders, release=release) is None


def test_prepare_downloads_tells_and_returns_mnist(
    folders: Paths, release: Release, full: Mirror, packed: dict[str, bytes]
) -> None:
    lines: list[str] = []
    seen: list[Progress] = []
    dataset = datasets.prepare(lines.append, seen.append, folders=folders, release=release)
    assert dataset.name == "mnist"
    assert lines == [
        *(f"Downloading {full.url}/one/{name}." for name in packed),
        "MNIST is ready: 30 + 10 images.",
    ]
    for name, data in packed.items():
        assert Progress(name, len(data), len(data)) in seen


def test_prepare_without_leave_downloads_nothing(folders: Paths, release: Release, full: Mirror) -> None:
    assert datasets.prepare(download=False, folders=folders, release=release).is_substitute
    assert full.asked == []


def test_prepare_falls_back_to_the_substitute_and_says_why(folders: Paths, release: Release) -> None:
    lines: list[str] = []
    folders = replace(folders, may_download=False)
    assert datasets.prepare(lines.append, folders=folders, release=release).is_substitute
    reason = "MNIST is not on this machine: downloads are switched off (TRYML_DOWNLOAD=0)."
    assert lines == [f"{reason} Using UCI digits instead."]
    assert datasets.problem(folders=folders, release=release) == reason


def test_a_problem_is_told_to_other_processes_and_cleared_by_success(
    folders: Paths, release: Release, mirror: Mirror, packed: dict[str, bytes]
) -> None:
    datasets.prepare(folders=folders, release=release)
    told = folders.problem("mnist").read_text()
    assert "404 Not Found" in told
    assert datasets.problem(folders=folders, release=release) == told
    mirror.serve("two", packed)
    datasets.prepare(folders=folders, release=release)
    assert datasets.problem(folders=folders, release=release) is None
    assert not folders.problem("mnist").exists()


def test_before_anything_is_prepared_the_problem_is_that(folders: Paths, release: Release) -> None:
    problem = datasets.problem(folders=folders, release=release)
    assert problem == "MNIST is not on this machine: it has not been downloaded."


@pytest.mark.parametrize("obstacle", ["file", "loop"])
def test_where_nothing_can_be_written_prepare_still_gives_digits(
    tmp_path: Path, release: Release, full: Mirror, obstacle: str
) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")
    folders = Paths(home=tmp_path / obstacle / "home", mnist=tmp_path / obstacle)
    assert datasets.prepare(folders=folders, release=release).is_substitute
    problem = datasets.problem(folders=folders, release=release)
    assert problem
    assert problem.startswith("MNIST is not on this machine: ")


def test_two_processes_prepare_at_once(
    folders: Paths, release: Release, full: Mirror, content: dict[str, bytes]
) -> None:
    # given a mirror that sends the first file only when two have asked for it
    both = Barrier(2, timeout=60)
    send = full.answers[f"/one/{FIRST}.gz"]

    def together(request: BaseHTTPRequestHandler) -> None:
        both.wait()
        send(request)

    full.answers[f"/one/{FIRST}.gz"] = together
    # when two processes prepare
    kwargs = {"folders": folders, "release": release}
    processes = [spawn.Process(target=datasets.prepare, kwargs=kwargs) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    # then both succeed, and the cache is whole
    assert [process.exitcode for process in processes] == [0, 0]
    assert full.asked.count(f"/one/{FIRST}.gz") == 2
    assert {file.name for file in folders.cache("mnist").iterdir()} == {*content, "verified.json"}
    assert not datasets.load(folders=folders, release=release).is_substitute


def test_a_process_killed_in_a_download_leaves_nothing_that_the_next_does_not_remove(
    folders: Paths, release: Release, full: Mirror, packed: dict[str, bytes]
) -> None:
    # given a process in the middle of a download
    never = Event()
    send, good = full.answers[f"/one/{FIRST}.gz"], packed[f"{FIRST}.gz"]
    full.answers[f"/one/{FIRST}.gz"] = held(good[:9000], never, announced=len(good))
    process = spawn.Process(target=datasets.prepare, kwargs={"folders": folders, "release": release})
    process.start()
    wait_until(lambda: list(folders.cache("mnist").glob(".*.part")))
    # when it is killed
    process.kill()
    process.join()
    never.set()
    assert list(folders.cache("mnist").glob(".*.part"))
    assert not (folders.cache("mnist") / FIRST).exists()
    # then the next one starts afresh
    full.answers[f"/one/{FIRST}.gz"] = send
    assert not datasets.prepare(folders=folders, release=release).is_substitute
    assert list(folders.cache("mnist").glob(".*.part")) == []


def test_slices_of_the_loaded_dataset_are_views(folders: Paths, release: Release, full: Mirror) -> None:
    dataset = datasets.prepare(folders=folders, release=release)
    assert np.shares_memory(dataset.train[3:5].images, dataset.train.images)


def test_the_import_brings_neither_scikit_learn_nor_django() -> None:
    program = (
        "import sys, digits.datasets; "
        "print([m for m in ('sklearn', 'scipy', 'django', 'PIL') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"


def test_the_environment_says_where_to_look(
    own: Paths, content: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, release: Release
) -> None:
    assert own.mnist
    for name, data in content.items():
        (own.mnist / f"{name}").write_bytes(data)
    monkeypatch.setenv("TRYML_HOME", str(own.home))
    monkeypatch.setenv("MNIST_DIR", str(own.mnist))
    assert datasets.load(release=release).train.labels.tobytes() == content["train-labels-idx1-ubyte"][8:]
    monkeypatch.setenv("MNIST_DIR", "")
    monkeypatch.setenv("TRYML_HOME", str(own.home / "another"))
    assert datasets.load(release=release).is_substitute
