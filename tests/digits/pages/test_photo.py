"""Sending a picture: what is found, what is refused, that nothing is kept and nobody sends too many."""

import base64
import io
import re

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image, ImageDraw

from digits.photos import decode

pytestmark = pytest.mark.django_db
URL = "/draw/picture/"
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture(autouse=True)
def _nobody_has_sent_any():
    cache.clear()


def sevens(count=2, kind="PNG"):
    """A picture of sevens beside each other, as a browser sends it."""
    image = Image.new("RGB", (60 + 100 * count, 180), (250, 248, 240))
    for i in range(count):
        x = 40 + 100 * i
        ImageDraw.Draw(image).line([(x, 40), (x + 60, 40), (x + 20, 140)], (20, 20, 60), 9)
    file = io.BytesIO()
    image.save(file, kind)
    return SimpleUploadedFile("photo.png", file.getvalue(), "image/png")


def test_the_digits_on_a_picture_come_as_data_for_the_page(client):
    response = client.post(URL, {"picture": sevens()}, **HTMX)
    html = response.content.decode()
    assert response.status_code == 200
    assert html.count("<rect") == 2
    tiles = re.findall(r'data-pixels="([^"]+)"', html)
    assert [len(base64.b64decode(tile)) for tile in tiles] == [784, 784]
    assert "data:image/jpeg;base64," in html
    assert response["Cache-Control"] == "no-store"


def test_without_htmx_the_whole_page_comes_with_the_picture_open(client):
    html = client.post(URL, {"picture": sevens()}).content.decode()
    assert "<h1>Draw</h1>" in html
    assert html.count("<rect") >= 2
    assert "Reading them needs JavaScript" in html
    assert re.search(r'data-mode="digit"\s+hidden', html)


def test_to_look_again_leads_to_the_form(client):
    assert client.get(URL).url == "/draw/?mode=picture"


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("scan.png", b"%PDF-1.7", "found a PDF"),
        ("drawing.svg", b"<svg><script>alert(1)</script></svg>", "found an SVG drawing"),
        ("empty.png", b"\n", "none that can be read"),
    ],
)
def test_what_is_no_picture_is_refused_by_what_it_is(client, name, content, says):
    response = client.post(URL, {"picture": SimpleUploadedFile(name, content, "image/png")}, **HTMX)
    assert response.status_code == 422
    assert says in response.content.decode()
    assert "<script" not in response.content.decode()


def test_a_file_that_is_too_large_is_refused_before_it_is_read(client, monkeypatch):
    monkeypatch.setattr(decode, "MOST_BYTES", 100)
    response = client.post(URL, {"picture": sevens()}, **HTMX)
    assert response.status_code == 422
    assert "Expected at most" in response.content.decode()


def test_no_file_at_all_is_answered(client):
    assert "Choose a picture first." in client.post(URL, {}, **HTMX).content.decode()


def test_nothing_is_kept(client, home):
    client.post(URL, {"picture": sevens()}, **HTMX)
    assert list(home.rglob("*")) == []


def test_a_page_of_elsewhere_can_send_none():
    assert Client(enforce_csrf_checks=True).post(URL, {"picture": sevens()}).status_code == 403


def test_one_address_sends_so_many_in_a_minute(client, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "picture": "2/m/ip"}
    statuses = [client.post(URL, {"picture": sevens(1)}, **HTMX).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]


@pytest.mark.parametrize("mode", ["digit", "number", "picture"])
def test_what_is_read_stands_in_the_address(client, mode):
    html = client.get(reverse("digits:draw"), {"mode": mode, "network": "7"}).content.decode()
    for other in ("digit", "number", "picture"):
        is_hidden = bool(re.search(rf'data-mode="{other}"\s+hidden', html))
        assert is_hidden is (other != mode)
    assert "mode=number&amp;network=7" in html


def test_there_is_no_other_mode(client):
    assert client.get(reverse("digits:draw"), {"mode": "words"}).status_code == 404
