"""Drawings that users keep."""

import json

import numpy as np
import pytest
from django.contrib.auth.models import AnonymousUser

from digits.ink.checks import RefusedDrawing, clean
from digits.ink.strokes import TAP, normalise
from digits.models import OwnDrawing

FOUR = [[[0.3, 0.2], [0.25, 0.6], [0.7, 0.6]], [[0.6, 0.3], [0.6, 0.85]]]


def test_what_is_kept_is_the_ink_and_the_servers_own_image_of_it(owner):
    drawing = OwnDrawing.objects.keep(owner, FOUR, 4, 9, "starter")
    drawing.refresh_from_db()
    assert (drawing.label, drawing.answer, drawing.network, drawing.source) == (4, 9, "starter", "pad")
    assert drawing.strokes == FOUR
    assert bytes(drawing.pixels) == normalise(FOUR, smallest=TAP).pixels.tobytes()


def test_coordinates_are_rounded_and_the_image_follows_from_what_is_kept(owner):
    drawing = OwnDrawing.objects.keep(owner, clean([[[0.123456789, 1], [0.5, 0]], []]), 1)
    assert drawing.strokes == [[[0.1235, 1.0], [0.5, 0.0]]]
    again = OwnDrawing.objects.keep(owner, drawing.strokes, 1)
    assert bytes(again.pixels) == bytes(drawing.pixels)


@pytest.mark.parametrize(("label", "answer"), [(10, 1), (-1, 1), ("4", 1), (True, 1), (None, 1), (4, 10)])
def test_a_label_is_a_digit(owner, label, answer):
    with pytest.raises(RefusedDrawing, match="A label is a whole number from 0 to 9"):
        OwnDrawing.objects.keep(owner, FOUR, label, answer)


def test_nobody_keeps_more_than_there_may_be(owner, stranger, monkeypatch):
    monkeypatch.setattr("digits.models.drawing.MOST_DRAWINGS", 2)
    for _ in range(2):
        OwnDrawing.objects.keep(owner, FOUR, 4)
    with pytest.raises(RefusedDrawing, match="You have 2 drawings, the most there may be: delete some first"):
        OwnDrawing.objects.keep(owner, FOUR, 4)
    OwnDrawing.objects.keep(stranger, FOUR, 4)


def test_everyone_sees_their_own_newest_first(owner, stranger):
    first, second = (OwnDrawing.objects.keep(owner, FOUR, label) for label in (1, 2))
    OwnDrawing.objects.keep(stranger, FOUR, 3)
    assert list(OwnDrawing.objects.of(owner)) == [second, first]
    assert not OwnDrawing.objects.of(AnonymousUser()).exists()


def test_a_guests_drawings_come_along(guest, owner):
    OwnDrawing.objects.keep(guest, FOUR, 4)
    guest.hand_over_to(owner)
    assert OwnDrawing.objects.of(owner).get().label == 4


def test_a_drawing_as_json_is_one_line_that_gives_the_same_drawing(owner):
    drawing = OwnDrawing.objects.keep(owner, FOUR, 4, 9)
    row = json.loads(drawing.as_json())
    assert drawing.as_json().count("\n") == 1
    assert row["label"] == 4
    assert np.array_equal(
        normalise(row["strokes"], smallest=TAP).pixels.ravel(), np.frombuffer(drawing.pixels, np.uint8)
    )
