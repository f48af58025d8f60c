"""The landing page, the canvas, the MNIST browser, and fetching MNIST while all that runs."""

import numpy as np
import pytest
from django.urls import reverse

from digits import datasets
from digits.library import downloads
from tests.waiting import wait_until


@pytest.fixture
def without_mnist(monkeypatch, tmp_path):
    """A machine on which MNIST neither lies nor can be had."""
    monkeypatch.delenv("MNIST_DIR", raising=False)
    monkeypatch.setenv("TRYML_HOME", str(tmp_path))
    monkeypatch.setenv("TRYML_DOWNLOAD", "0")
    datasets.prepare()


@pytest.mark.parametrize(
    ("name", "heading"),
    [
        ("training:landing", "<h1><span>Train a neural network."),
        ("digits:draw", "<h1>Draw</h1>"),
        ("digits:browser", "<h1>Digits</h1>"),
    ],
)
@pytest.mark.django_db
def test_anybody_may_look(client, name, heading):
    assert heading in client.get(reverse(name)).content.decode()
    assert client.post(reverse(name)).status_code == 405


@pytest.mark.django_db
def test_a_page_of_one_label_shows_only_that(client):
    response = client.get(reverse("digits:browser"), {"split": "test", "label": "7", "page": "2"})
    test = datasets.load().test
    sevens = np.flatnonzero(test.labels == 7)
    assert {tile["label"] for tile in response.context["tiles"]} == ({7} if len(sevens) else set())
    assert response.context["count"] == len(sevens)


@pytest.mark.django_db
def test_a_typed_index_opens_its_page_and_its_image(client):
    response = client.get(reverse("digits:browser"), {"split": "train", "index": "777"})
    assert response.context["chosen"]["index"] == 777
    assert 777 in [tile["index"] for tile in response.context["tiles"]]


@pytest.mark.parametrize("index", ["-1", "60000000", "seven", "1.5"])
@pytest.mark.django_db
def test_an_index_that_is_none_is_named_with_the_limit_or_the_kind(client, index):
    response = client.get(reverse("digits:browser"), {"index": index})
    assert response.status_code == 422
    assert "whole number" in response.content.decode()
    assert len(response.context["tiles"]) == 100, "the page is still of use"


@pytest.mark.parametrize("path", ["digits/test/99999999/", "digits/other/3/", "draw/?network=x"])
@pytest.mark.django_db
def test_what_does_not_exist_is_not_found(client, path):
    assert client.get(f"/{path}").status_code == 404


@pytest.mark.django_db
def test_a_dataset_is_chosen_by_name_and_keeps_being_chosen(client):
    response = client.get("/digits/", {"dataset": "uci-digits", "split": "train", "index": "1499"})
    assert response.context["shown"].name == "uci-digits"
    page = response.content.decode()
    assert "?dataset=uci-digits&amp;split=train&amp;label=3" in page
    assert "/digits/train/1498/?dataset=uci-digits" in page
    assert client.get("/digits/train/1499/?dataset=uci-digits").status_code == 200
    assert client.get("/digits/train/1500/?dataset=uci-digits").status_code == 404


@pytest.mark.parametrize("key", ["cifar", "own-1", "own-", "../mnist"])
@pytest.mark.django_db
def test_a_dataset_that_there_isnt_is_not_found(client, key):
    assert client.get("/digits/", {"dataset": key}).status_code == 404
    assert client.get("/digits/test/0/", {"dataset": key}).status_code == 404


@pytest.mark.django_db
def test_without_mnist_every_page_says_so_and_offers_a_retry(without_mnist, owners):
    for name in ("training:landing", "digits:draw", "digits:browser", "training:new", "training:runs"):
        page = owners.get(reverse(name)).content.decode()
        assert "MNIST isn’t here" in page or "MNIST isn't here" in page, name
        assert reverse("digits:fetch") in page, name


@pytest.mark.django_db
def test_a_retry_runs_beside_the_pages_and_ends_with_the_reason(without_mnist, owners):
    page = owners.post(reverse("digits:fetch"), headers={"HX-Request": "true"}).content.decode()
    assert "dataset-notice" in page
    wait_until(lambda: not downloads.current().running)
    page = owners.get(reverse("digits:fetch")).content.decode()
    assert datasets.problem() in page.replace("&#x27;", "'")


@pytest.mark.django_db
def test_the_retry_is_for_people_who_are_known(client):
    assert client.post(reverse("digits:fetch")).url.startswith("/accounts/login/")
