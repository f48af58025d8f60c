"""Views that compute for long: few at a time, a short queue, a clear answer beyond it."""

import threading
from http import HTTPStatus

import pytest
from django.conf import settings
from django.urls import get_resolver, reverse

from tests.test_strangers import patterns
from tests.waiting import wait_until
from tryml.web import heavy
from tryml.web.heavy import Busy, Gate


def inside(gate: Gate, visitor: str, leave: threading.Event, results: list[str]) -> threading.Thread:
    def enter() -> None:
        try:
            with gate.entered(visitor):
                results.append("in")
                leave.wait(20)
        except Busy:
            results.append("busy")

    thread = threading.Thread(target=enter)
    thread.start()
    return thread


def test_beyond_the_queue_one_is_told_at_once():
    gate, leave, results = Gate(at_once=1, waiting=2, each=9, seconds=20), threading.Event(), []
    threads = [inside(gate, f"visitor {i}", leave, results) for i in range(3)]
    wait_until(lambda: results == ["in"])
    threads.append(inside(gate, "one more", leave, results))
    wait_until(lambda: results == ["in", "busy"])
    leave.set()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["busy", "in", "in", "in"]


def test_who_waits_too_long_is_told_so():
    gate, leave, results = Gate(at_once=1, waiting=2, each=9, seconds=0.05), threading.Event(), []
    threads = [inside(gate, "a", leave, results)]
    wait_until(lambda: results == ["in"])
    threads.append(inside(gate, "b", leave, results))
    wait_until(lambda: results == ["in", "busy"])
    leave.set()
    for thread in threads:
        thread.join()


def test_one_visitor_does_not_take_all_places():
    gate, leave, results = Gate(at_once=1, waiting=5, each=2, seconds=20), threading.Event(), []
    threads = [inside(gate, "greedy", leave, results) for _ in range(4)]
    wait_until(lambda: sorted(results) == ["busy", "busy", "in"])
    threads.append(inside(gate, "another", leave, results))
    leave.set()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["busy", "busy", "in", "in", "in"]


def test_places_are_free_again_after_an_error():
    gate = Gate(at_once=1, waiting=0, each=1, seconds=1)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), gate.entered("a"):
            raise ZeroDivisionError
    assert not gate._inside


HEAVY = {
    "digits:own",
    "training:my_digits",
    "training:learn_my_digits",
    "training:my_scores",
    "training:my_result",
    "training:predictions",
    "training:predict",
    "training:embed_cost",
}


@pytest.mark.django_db
def test_a_busy_server_says_so_on_every_view_that_computes(owners, run, monkeypatch):
    monkeypatch.setattr(heavy, "GATE", Gate(at_once=1, waiting=-1, each=1, seconds=0))
    busy = set()
    for name, route, _ in patterns(get_resolver()):
        path = "/" + route.replace("<int:run_id>", str(run.pk)).replace("<slug:key>", "starter")
        if "<" in path or name.startswith("account") or name in {"digits:fetch", "digits:drawings_export"}:
            continue
        for send in (owners.get, owners.post):
            response = send(path)
            if response.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
                assert response["Retry-After"]
                assert b"Busy just now" in response.content
                busy.add(name)
    assert busy == HEAVY | {"digits:picture"}


@pytest.mark.django_db(transaction=True)
def test_a_page_that_computes_holds_no_connection_while_it_waits(owners, monkeypatch):
    held = []
    gate = Gate(**settings.HEAVY)
    entered = gate.entered

    def watched(visitor):
        from django.db import connection

        held.append(connection.connection is not None)
        return entered(visitor)

    monkeypatch.setattr(gate, "entered", watched)
    monkeypatch.setattr(heavy, "GATE", gate)
    assert owners.get(reverse("training:my_digits")).status_code == HTTPStatus.OK
    assert held == [False]
