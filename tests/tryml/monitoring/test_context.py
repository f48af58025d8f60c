from types import SimpleNamespace

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import AnonymousUser
from django.db import connections
from django.test import AsyncClient, RequestFactory

from tryml.monitoring.context import About, about, current, log_context


def seen_by(view, request):
    return log_context(view)(request)


def test_outside_of_everything_nothing_is_known():
    assert current() == About()


def test_what_is_made_inside_says_what_it_is_about():
    with about(run=7, user=3):
        assert (current().run, current().user) == (7, 3)
    assert current() == About()


def test_the_inner_one_adds_to_the_outer_one():
    with about(user=3), about(run=7):
        assert (current().run, current().user) == (7, 3)


def test_it_ends_with_an_exception_too():
    with pytest.raises(ZeroDivisionError), about(run=7):
        raise ZeroDivisionError
    assert current() == About()


def test_a_request_tells_its_user_and_run():
    request = RequestFactory().get("/runs/7/")
    request._cached_user = SimpleNamespace(pk=3)
    request.resolver_match = SimpleNamespace(kwargs={"run_id": 7})
    known = seen_by(lambda _: current(), request)
    assert (known.user, known.run, known.request) == (3, 7, request)
    assert current() == About()


def test_nobody_is_looked_up_for_a_record():
    request = RequestFactory().get("/")
    request.resolver_match = None
    assert seen_by(lambda _: current(), request).user is None
    request._cached_user = AnonymousUser()
    assert seen_by(lambda _: current(), request).user is None


@pytest.mark.django_db(transaction=True)
async def test_it_reaches_a_view_of_the_asynchronous_stack(monkeypatch, owner):
    known = []
    monkeypatch.setattr("tryml.accounts.views.PreferencesForm.is_valid", lambda _: known.append(current()))
    client = AsyncClient()
    await client.aforce_login(owner)
    await client.get("/preferences/")
    await sync_to_async(connections.close_all)()  # those of the thread that answered
    assert known[0].user == owner.pk
    assert known[0].request.path == "/preferences/"
    assert current() == About()
