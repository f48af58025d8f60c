import logging

from django.db import connection

from tryml.monitoring.context import about
from tryml.monitoring.events import record
from tryml.monitoring.models import Event


def test_an_event_is_a_row(owner, run):
    record("run failed", "Run 1: no", level="error", user=owner, run=run, attempts=3)
    event = Event.objects.get()
    assert (event.kind, event.message, event.get_level_display()) == ("run failed", "Run 1: no", "error")
    assert (event.user, event.run, event.data) == (owner, run.pk, {"attempts": 3})


def test_ids_do_as_well_as_rows(owner):
    record("run started", "…", user=owner.pk, run=7)
    event = Event.objects.get()
    assert (event.user, event.run) == (owner, 7)


def test_what_is_being_worked_on_is_taken_for_granted(owner):
    with about(run=7, user=owner.pk):
        record("run started", "…")
    event = Event.objects.get()
    assert (event.user, event.run) == (owner, 7)


def test_an_event_may_be_about_somebody_who_is_gone(db):
    record("signed up", "…", user=123456)
    assert Event.objects.select_related("user").get().user is None


def test_what_cannot_be_stored_is_logged_and_fails_nobody(db, caplog):
    record("odd", "no such level", level="loud")
    record("odd", "not for JSON", thing=object())
    record("odd", "not for PostgreSQL \0")
    assert not Event.objects.exists()
    assert [entry.levelno for entry in caplog.records] == [logging.ERROR] * 3
    assert connection.is_usable(), "and the caller's transaction goes on"


def test_events_of_somebody_deleted_stay(owner):
    record("signed up", "owner signed up", user=owner)
    owner.delete()
    assert Event.objects.get().user is None
