"""Wrong passwords: whoever tries them waits, and nobody else."""

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from tests.conftest import signed_in
from tryml.accounts import adapter
from tryml.web import rate_limit

PASSWORD = "correct horse"


@pytest.fixture(autouse=True)
def minute(monkeypatch):
    """One minute, which does not end while a test counts."""
    monkeypatch.setattr(rate_limit, "time", lambda: 6000.0)


def tries(address: str, password: str, login: str = "owner") -> bool:
    """Whether this password lets somebody in who comes from this address."""
    browser = Client(REMOTE_ADDR=address)
    browser.post(reverse("account_login"), {"login": login, "password": password})
    return "_auth_user_id" in browser.session


@pytest.mark.parametrize("login", ["owner", "OWNER", "owner@example.org"])
def test_wrong_passwords_lock_out_their_sender_and_not_the_owner(owner, login):
    assert not any(tries("192.0.2.66", f"wrong {i}", login) for i in range(6))
    assert not tries("192.0.2.66", PASSWORD, login)
    assert tries("192.0.2.7", PASSWORD, login)


def test_an_administrator_is_not_locked_out_either(owner):
    owner.is_staff = owner.is_superuser = True
    owner.save()
    assert not any(tries("192.0.2.66", f"wrong {i}") for i in range(8))
    assert tries("192.0.2.7", PASSWORD)


def test_many_tries_from_everywhere_are_slowed_to_one_a_minute_each(owner, monkeypatch):
    monkeypatch.setattr(adapter, "MANY_TRIES", 8)
    assert not any(tries(f"192.0.2.{i}", "wrong") for i in range(10, 20))
    assert not tries("198.51.100.1", "wrong")
    assert not tries("198.51.100.1", PASSWORD), "a second try in this minute"
    assert tries("198.51.100.2", PASSWORD), "the owner's first"


def test_a_mail_lets_the_owner_in_who_is_kept_waiting(owner):
    browser = Client(REMOTE_ADDR="192.0.2.66")
    assert not any(tries("192.0.2.66", f"wrong {i}") for i in range(6))
    browser.post(reverse("account_reset_password"), {"email": owner.email})
    link = next(word for word in mail.outbox[-1].body.split() if "/reset/key/" in word)
    page = browser.get(link, follow=True)
    url = page.redirect_chain[-1][0]
    browser.post(url, {"password1": "a new good secret", "password2": "a new good secret"})
    assert tries("192.0.2.66", "a new good secret", owner.email)


def test_pages_of_somebody_are_kept_by_no_browser(owner, client):
    own = signed_in(owner)
    for name in ("training:runs", "training:networks", "accounts:preferences", "training:my_digits"):
        assert "no-store" in own.get(reverse(name))["Cache-Control"], name
    assert "no-store" not in client.get("/").headers.get("Cache-Control", "")


def test_passwords_are_stored_by_argon2():
    from tryml import settings

    assert "Argon2" in settings.PASSWORD_HASHERS[0]
