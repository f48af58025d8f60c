"""A drawing that a user pins: what is kept of it, what is refused, and whose it is."""

import json

import numpy as np
import pytest
from django.urls import reverse

from digits.ink.strokes import TAP, normalise
from digits.models import PinnedDrawing
from tests.conftest import signed_in

SEVEN = [[[0.25, 0.2], [0.75, 0.2], [0.4, 0.8]]]
PIN, UNPIN = reverse("digits:pin"), reverse("digits:unpin")
HTMX = {"HTTP_HX_REQUEST": "true"}


def pin(client, strokes, **more):
    return client.post(PIN, {"strokes": strokes if isinstance(strokes, str) else json.dumps(strokes)}, **more)


def test_the_server_makes_the_pixels_of_the_strokes(owner, owners):
    assert pin(owners, SEVEN).url == reverse("digits:draw")
    pinned = PinnedDrawing.objects.get(owner=owner)
    assert pinned.strokes == SEVEN
    assert bytes(pinned.pixels) == normalise(SEVEN, smallest=TAP).pixels.tobytes()


def test_there_is_one_and_the_last_stays(owner, owners):
    pin(owners, SEVEN)
    dot = [[[0.5, 0.5]]]
    assert 'src="data:image/png' in pin(owners, dot, **HTMX).content.decode()
    assert PinnedDrawing.objects.get().strokes == dot
    assert 0 < np.count_nonzero(np.frombuffer(PinnedDrawing.objects.pixels_of(owner.pk), np.uint8)) <= 16


def test_unpinning_leaves_none_and_twice_is_no_error(owner, owners, strangers):
    pin(owners, SEVEN)
    strangers.post(UNPIN)
    assert PinnedDrawing.objects.filter(owner=owner).exists()
    for _ in range(2):
        assert "Pin a drawing" in owners.post(UNPIN, **HTMX).content.decode()
    assert PinnedDrawing.objects.pixels_of(owner.pk) is None


def test_a_guest_may_pin_and_takes_it_along(guest, owner):
    pin(signed_in(guest), SEVEN)
    guest.hand_over_to(owner)
    assert PinnedDrawing.objects.get().owner == owner


def test_what_the_account_has_pinned_stays(guest, owner):
    for user, strokes in ((guest, [[[0.5, 0.5]]]), (owner, SEVEN)):
        PinnedDrawing.objects.pin(user, strokes)
    guest.hand_over_to(owner)
    assert PinnedDrawing.objects.get().strokes == SEVEN


@pytest.mark.django_db
def test_nobody_pins_without_being_known(client):
    for url in (PIN, UNPIN):
        assert client.post(url).url.startswith(reverse("account_login"))
        assert client.get(url).status_code in {302, 405}


@pytest.mark.parametrize(
    ("strokes", "says"),
    [
        ("", "draw something first"),
        ("[]", "draw something first"),
        ("[[]]", "draw something first"),
        ("{", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ("7", "a list of strokes"),
        ([[0.1, 0.2]], "two numbers"),
        ([[[0.1, 0.2, 0.3]]], "two numbers"),
        ([[["0.1", 0.2]]], "two numbers"),
        ([[[True, 0.2]]], "two numbers"),
        ([[[1.1, 0.2]]], "from 0 to 1"),
        ("[[[NaN, 0.2]]]", "from 0 to 1"),
        ("[[[1e999, 0.2]]]", "from 0 to 1"),
        ([[[0.1, 0.2]]] * 1025, "at most 1,024 strokes; this one has 1,025"),
        ("[[" + "[0.12345,0.12345]," * 40_000 + "[0,0]]]", "too much ink"),
    ],
)
def test_what_is_no_drawing_is_refused_in_a_line(owners, strokes, says):
    response = pin(owners, strokes, **HTMX)
    assert response.status_code == 422
    assert says in response.content.decode()
    assert not PinnedDrawing.objects.exists()
