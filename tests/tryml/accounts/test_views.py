"""Guests, preferences, and that every page of an account is one of ours."""

import json
from http.cookies import Morsel

import pytest
from django.contrib.auth import SESSION_KEY
from django.urls import reverse

from tests.tryml.accounts.test_adapter import kinds, user_of
from tryml.accounts.models import Preferences, User

YEAR = 365 * 24 * 60 * 60
ALLAUTH = [
    "login/",
    "logout/",
    "inactive/",
    "signup/",
    "reauthenticate/",
    "email/",
    "confirm-email/",
    "confirm-email/abc/",
    "password/change/",
    "password/set/",
    "password/reset/",
    "password/reset/done/",
    "password/reset/key/1-abc/",
    "password/reset/key/done/",
    "login/code/confirm/",
]


def test_one_click_makes_a_guest_for_a_year(visitor):
    response = visitor.post(reverse("accounts:guest"))
    assert response.url == reverse("training:new")
    guest = User.objects.get()
    assert guest.is_guest
    assert not guest.has_usable_password()
    assert visitor.session[SESSION_KEY] == str(guest.pk)
    cookie: Morsel[str] = response.cookies["sessionid"]
    assert int(cookie["max-age"]) == YEAR
    assert cookie["httponly"]
    assert kinds() == ["guest created"]


def test_a_look_at_the_guests_url_makes_no_guest(visitor):
    assert visitor.get(reverse("accounts:guest")).url == "/"
    assert not User.objects.exists()


def test_who_is_signed_in_does_not_become_a_guest(owners, owner):
    owners.post(reverse("accounts:guest"))
    assert user_of(owners) == owner
    assert not User.objects.filter(is_guest=True).exists()


def test_two_clicks_make_one_guest(visitor):
    visitor.post(reverse("accounts:guest"))
    visitor.post(reverse("accounts:guest"))
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("wanted", "got"),
    [
        ("/digits/?label=4", "/digits/?label=4"),
        ("https://evil.example/", "/train/"),
        ("//evil.example/", "/train/"),
        ("javascript:alert(1)", "/train/"),
        ("", "/train/"),
    ],
)
def test_a_guest_is_sent_on_within_this_site_only(visitor, wanted, got):
    assert visitor.post(reverse("accounts:guest"), {"next": wanted}).url == got


def test_a_robot_cannot_fill_the_database_with_guests(client, db, settings):
    settings.ACCOUNT_RATE_LIMITS = {"guest": "3/h/ip"}
    for _ in range(3):
        client.post(reverse("accounts:guest"))
        client.logout()
    response = client.post(reverse("accounts:guest"))
    assert response.status_code == 429
    assert "Too many tries" in response.content.decode()
    assert User.objects.count() == 3


def test_guests_are_limited(settings):
    assert settings.ACCOUNT_RATE_LIMITS["guest"]


def test_somebody_unknown_is_asked_to_sign_in_before_choosing_preferences(visitor):
    assert visitor.get(reverse("accounts:preferences")).url.startswith(reverse("account_login"))


@pytest.mark.parametrize("browser", ["owners", "guests"])
def test_preferences_are_kept(request, browser):
    client = request.getfixturevalue(browser)
    client.post(reverse("accounts:preferences"), {"theme": "dark", "log_axes": "on"})
    kept = Preferences.objects.get(user=user_of(client))
    assert (kept.theme, kept.log_axes) == ("dark", True)
    page = client.get(reverse("accounts:preferences")).content.decode()
    assert 'data-theme="dark"' in page


def test_a_theme_is_applied_at_once(owners):
    response = owners.post(reverse("accounts:preferences"), {"theme": "light"}, HTTP_HX_REQUEST="true")
    assert json.loads(response["HX-Trigger"]) == {"theme": {"theme": "light"}}
    page = response.content.decode()
    assert 'id="preferences"' in page
    assert "<html" not in page


def test_a_theme_that_does_not_exist_is_refused(owners):
    response = owners.post(reverse("accounts:preferences"), {"theme": "pink"}, HTTP_HX_REQUEST="true")
    assert response.status_code == 422
    assert "HX-Trigger" not in response
    assert not Preferences.objects.exists()


def test_choosing_a_theme_leaves_the_training_defaults_alone(owners, owner):
    Preferences.objects.create(user=owner, hyperparameters={"epochs": 7})
    owners.post(reverse("accounts:preferences"), {"theme": "dark"})
    assert Preferences.objects.get().hyperparameters == {"epochs": 7}


@pytest.mark.parametrize("path", ALLAUTH)
@pytest.mark.parametrize("browser", ["visitor", "guests", "owners"])
def test_every_page_of_an_account_is_one_of_ours(request, browser, path):
    response = request.getfixturevalue(browser).get(f"/accounts/{path}")
    assert response.status_code in {200, 302}
    if response.status_code == 200:
        assert 'class="rail"' in response.content.decode()


@pytest.mark.parametrize("path", ["email/", "password/change/", "password/set/", "reauthenticate/"])
def test_a_guest_is_sent_to_sign_up_where_only_an_account_makes_sense(guests, path):
    for send in (guests.get, guests.post):
        assert send(f"/accounts/{path}").url == reverse("account_signup")


@pytest.mark.parametrize("path", ["login/", "signup/"])
def test_who_signs_up_or_in_may_try_it_as_a_guest_instead(visitor, guests, path):
    assert reverse("accounts:guest") in visitor.get(f"/accounts/{path}?next=/digits/").content.decode()
    assert "Your runs come along." in guests.get(f"/accounts/{path}").content.decode()


def test_addresses_are_added_chosen_and_removed(owners, owner):
    url = reverse("account_email")
    owners.post(url, {"action_add": "", "email": "second@example.org"})
    assert "second@example.org" in owners.get(url).content.decode()
    owners.post(url, {"action_remove": "", "email": "second@example.org"})
    assert owner.emailaddress_set.get().email == "owner@example.org"
