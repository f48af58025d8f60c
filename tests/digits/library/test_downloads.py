"""Fetching datasets beside the pages, from a server on this machine."""

from dataclasses import replace
from threading import Event

import pytest

from digits import datasets
from digits.datasets import catalogue
from digits.library import downloads
from tests.digits.datasets.mirror import held
from tests.waiting import wait_until

FIRST = "train-images-idx3-ubyte.gz"


@pytest.fixture
def fashion(home, release, mirror, packed, monkeypatch):
    """A tiny Fashion-MNIST that a mirror has, which may be asked."""
    tiny = replace(catalogue.FASHION_MNIST, files=release.files, mirrors=release.mirrors)
    monkeypatch.setitem(catalogue.RELEASES, "fashion-mnist", tiny)
    monkeypatch.setitem(datasets.CATALOGUE, "fashion-mnist", tiny)
    monkeypatch.setenv("TRYML_DOWNLOAD", "1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(downloads, "_attempts", type(downloads._attempts)(downloads.Attempt))
    mirror.serve("one", packed)
    return mirror


def ended():
    return not downloads.current("fashion-mnist").running


def test_a_dataset_is_fetched_in_the_background(fashion):
    downloads.start("fashion-mnist")
    wait_until(ended)
    assert len(datasets.load("fashion-mnist").train) == 30
    assert downloads.current("fashion-mnist").problem == ""
    assert not downloads.current("kmnist").running


def test_while_it_comes_one_sees_how_far_it_is_and_asks_but_once(fashion, packed):
    rest, good = Event(), packed[FIRST]
    fashion.answers[f"/one/{FIRST}"] = held(good[: len(good) // 2], rest, announced=len(good))
    downloads.start("fashion-mnist")
    attempt = downloads.current("fashion-mnist")
    wait_until(lambda: attempt.percent)
    assert 0 < attempt.percent <= 50
    assert FIRST in attempt.text
    downloads.start("fashion-mnist")
    rest.set()
    wait_until(ended)
    assert fashion.asked.count(f"/one/{FIRST}") == 1


def test_a_failure_is_kept_and_forgotten_at_the_next_attempt(fashion, packed):
    fashion.answers.clear()
    downloads.start("fashion-mnist")
    wait_until(ended)
    assert "404 Not Found" in downloads.current("fashion-mnist").problem
    fashion.serve("two", packed)
    downloads.start("fashion-mnist")
    wait_until(ended)
    assert downloads.current("fashion-mnist").problem == ""


@pytest.mark.django_db
def test_the_page_offers_tells_and_then_shows_it(fashion, client, owners):
    address = "/digits/?dataset=fashion-mnist"
    assert "Sign in to fetch it" in client.get(address).content.decode()
    page = owners.get(address).content.decode()
    assert "isn't on this machine yet" in page or "isn&#x27;t on this machine yet" in page
    assert "MNIST is here: new runs" not in page
    downloads.current("mnist").running = True
    assert "Fetching MNIST" in owners.get("/runs/").content.decode()
    downloads.current("mnist").running = False
    assert owners.post("/dataset/fetch/?dataset=fashion-mnist").url == address
    wait_until(ended)
    partial = owners.get("/dataset/fetch/?dataset=fashion-mnist").content.decode()
    assert "Fashion-MNIST is here." in partial
    response = owners.get(address)
    assert len(response.context["tiles"]) == 10
    assert "Ankle boot" in response.content.decode()


@pytest.mark.django_db
def test_the_page_tells_why_it_failed_and_offers_to_try_again(fashion, owners):
    fashion.answers.clear()
    owners.post("/dataset/fetch/?dataset=fashion-mnist", headers={"HX-Request": "true"})
    wait_until(ended)
    page = owners.get(
        "/dataset/fetch/?dataset=fashion-mnist", headers={"HX-Request": "true"}
    ).content.decode()
    assert "404 Not Found" in page
    assert "Try again" in page


@pytest.mark.django_db
def test_only_datasets_of_the_catalogue_are_fetched(owners):
    for key in ("own-1", "cifar", "", "../x"):
        assert owners.post(f"/dataset/fetch/?dataset={key}").status_code == 404
