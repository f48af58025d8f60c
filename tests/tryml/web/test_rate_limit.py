import pytest
from django.db import DatabaseError
from django.test import RequestFactory

from tryml.web import rate_limit


def asks(address="192.0.2.1", thing="read", most=2):
    return rate_limit.within(RequestFactory(REMOTE_ADDR=address).get("/"), thing, most)


@pytest.fixture(autouse=True)
def minute(db, monkeypatch):
    """A minute that goes by only when it is told to."""
    now = [6000.0]
    monkeypatch.setattr(rate_limit, "time", lambda: now[0])
    return now


def test_an_address_does_a_thing_so_often_and_no_more():
    assert [asks() for _ in range(4)] == [True, True, False, False]


def test_in_the_next_minute_it_may_again(minute):
    assert [asks() for _ in range(3)] == [True, True, False]
    minute[0] += 60
    assert asks()


@pytest.mark.parametrize("other", [{"address": "192.0.2.2"}, {"thing": "write"}])
def test_other_addresses_and_things_count_by_themselves(other):
    assert [asks() for _ in range(3)] == [True, True, False]
    assert asks(**other)


def test_a_customer_counts_once_whatever_the_end_of_an_address_of_ipv6():
    assert [asks(f"2001:db8::{i}") for i in range(3)] == [True, True, False]
    assert asks("2001:db8:0:1::1")


@pytest.mark.parametrize("error", [ValueError, DatabaseError])
def test_where_the_count_is_lost_nobody_is_refused(monkeypatch, error):
    asks(), asks()

    def lost(*_):
        raise error

    monkeypatch.setattr(rate_limit.cache, "incr", lost)
    assert asks()
