"""Keeping drawings, thinking better of it, relabelling, deleting, taking them away."""

import json

import pytest
from django.test import AsyncClient, Client
from django.urls import reverse

from digits.models import OwnDrawing
from tests.conftest import signed_in
from tests.digits.models.test_drawing import FOUR
from tryml.accounts.models import Preferences

KEEP, CHANGE, CLEAR, EXPORT = (f"/drawings/{action}/" for action in ("keep", "change", "clear", "export"))
SENT = {"strokes": json.dumps(FOUR), "label": "4", "answer": "9", "network": "starter"}


@pytest.fixture
def agreed(owner):
    Preferences.objects.create(user=owner, keeps_drawings=True)


def kept(user, *labels):
    return [OwnDrawing.objects.keep(user, FOUR, label) for label in labels]


def test_a_correction_is_kept_and_can_be_taken_back(owners, owner, agreed):
    answer = owners.post(KEEP, SENT)
    drawing = OwnDrawing.objects.get()
    assert (drawing.owner, drawing.label, drawing.answer, drawing.network) == (owner, 4, 9, "starter")
    page = answer.content.decode()
    undo = reverse("digits:drawing_undo", args=[drawing.pk])
    assert "Kept as a 4." in page
    assert "Learn my handwriting" in page
    assert undo in page
    assert "back on the paper" in owners.post(undo).content.decode()
    assert not OwnDrawing.objects.exists()
    assert owners.post(undo).status_code == 404, "twice"


def test_a_confirmation_teaches_nothing_new(owners, agreed):
    assert "Learn my handwriting" not in owners.post(KEEP, SENT | {"answer": "4"}).content.decode()


@pytest.mark.parametrize("answer", [None, False])
def test_nothing_is_kept_of_who_has_not_agreed(owners, owner, answer):
    Preferences.objects.create(user=owner, keeps_drawings=answer)
    assert owners.post(KEEP, SENT).status_code == 403
    assert signed_in(owner).post(KEEP, SENT).status_code == 403
    assert not OwnDrawing.objects.exists()


def test_nothing_is_kept_of_nobody(db):
    assert Client().post(KEEP, SENT).status_code == 403
    assert not OwnDrawing.objects.exists()


def test_a_guest_may_keep(guest):
    guests = signed_in(guest)
    assert guests.post(reverse("accounts:keep_drawings"), {"keeps": "yes"}).status_code == 204
    assert guests.post(KEEP, SENT).status_code == 200
    assert OwnDrawing.objects.of(guest).count() == 1


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"strokes": "[]"}, "There is no ink"),
        ({"strokes": "[[["}, "no JSON"),
        ({"strokes": "[" * 100_000}, "no JSON"),
        ({"strokes": ""}, "There is no ink"),
        ({"strokes": "[[[NaN, 0]]]"}, "from 0 to 1"),
        ({"label": "10"}, "A label is"),
        ({"label": ""}, "A label is"),
        ({"label": "²"}, "A label is"),
    ],
)
def test_what_cannot_be_kept_is_refused_in_words(owners, agreed, wrong, message):
    answer = owners.post(KEEP, SENT | wrong)
    assert answer.status_code == 422
    assert message in answer.content.decode()
    assert not OwnDrawing.objects.exists()


def test_more_than_a_megabyte_is_not_read(owners, agreed):
    assert owners.post(KEEP, SENT | {"strokes": " " * 1_100_000}).status_code == 400
    assert not OwnDrawing.objects.exists()


@pytest.mark.parametrize("path", [KEEP, CHANGE, CLEAR])
def test_looking_changes_nothing_and_a_forged_form_neither(owners, owner, agreed, path):
    kept(owner, 4)
    assert owners.get(path).status_code == 405
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(owner)
    assert careful.post(path, SENT | {"drawing": "1", "action": "delete"}).status_code == 403
    assert OwnDrawing.objects.count() == 1


def test_chosen_drawings_are_relabelled_and_the_page_stays_where_it_was(owners, owner):
    one, two, three = kept(owner, 1, 2, 3)
    sent = {
        "drawing": [one.pk, two.pk],
        "action": "relabel",
        "label": "7",
        "query": "label=1&network=starter",
    }
    answer = owners.post(CHANGE, sent)
    assert answer.url == f"{reverse('training:my_digits')}?label=1&network=starter"
    labels = dict(OwnDrawing.objects.values_list("pk", "label"))
    assert labels == {one.pk: 7, two.pk: 7, three.pk: 3}
    assert "2 drawings are labelled 7 now." in owners.get(answer.url).content.decode()


def test_chosen_drawings_are_deleted(owners, owner):
    one, two = kept(owner, 1, 2)
    answer = owners.post(CHANGE, {"drawing": one.pk, "action": "delete"})
    assert list(OwnDrawing.objects.all()) == [two]
    assert "1 drawing is deleted." in owners.get(answer.url).content.decode()


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"action": "delete"}, "Choose one drawing or more first."),
        ({"action": "delete", "drawing": ["x", "9" * 30, "-1"]}, "Choose one drawing or more first."),
        ({"action": "relabel", "label": "12"}, "Choose the digit"),
        ({"action": "relabel"}, "Choose the digit"),
    ],
)
def test_a_change_of_nothing_or_to_nothing_is_explained(owners, owner, sent, message):
    kept(owner, 4)
    answer = owners.post(CHANGE, sent | {"query": "page=\r\nSet-Cookie: a=b"})
    assert message in owners.get(answer.url).content.decode()
    assert OwnDrawing.objects.get().label == 4


def test_a_stranger_changes_nothing(strangers, owner):
    (drawing,) = kept(owner, 4)
    for action in ("delete", "relabel"):
        strangers.post(CHANGE, {"drawing": drawing.pk, "action": action, "label": "7"})
    strangers.post(CLEAR)
    assert OwnDrawing.objects.get().label == 4


def test_all_are_deleted_at_once_but_nobody_elses(owners, owner, stranger):
    kept(owner, 1, 2)
    kept(stranger, 3)
    answer = owners.post(CLEAR)
    assert OwnDrawing.objects.get().label == 3
    assert "All 2 of your drawings are deleted." in owners.get(answer.url).content.decode()


@pytest.mark.parametrize("path", [CHANGE, CLEAR, EXPORT, "/drawings/"])
def test_only_people_who_are_known_have_drawings(client, db, path):
    send = client.get if path in {EXPORT, "/drawings/"} else client.post
    assert send(path).url.startswith("/accounts/login/")


@pytest.mark.django_db(transaction=True)
async def test_all_of_ones_own_are_taken_away_line_by_line(owner, stranger, monkeypatch):
    from asgiref.sync import sync_to_async

    monkeypatch.setattr("digits.pages.drawings.CHUNK", 2)
    await sync_to_async(kept)(owner, 1, 2, 3)
    await sync_to_async(kept)(stranger, 9)
    client = AsyncClient()
    await client.aforce_login(owner)
    answer = await client.get(EXPORT)
    text = "".join([part.decode() async for part in answer])
    rows = [json.loads(line) for line in text.splitlines()]
    assert [row["label"] for row in rows] == [1, 2, 3]
    assert rows[0]["strokes"] == FOUR
    assert set(rows[0]) >= {"id", "label", "writer", "box", "strokes", "created_at"}
    assert "my-digits.jsonl" in answer["Content-Disposition"]
