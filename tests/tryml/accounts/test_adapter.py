"""Signing up, in and out, and what becomes of a guest."""

import re

import pytest
from django.contrib.auth import get_user
from django.core import mail

from training.models import Experiment
from tryml.accounts.models import Preferences, User
from tryml.monitoring.models import Event


def user_of(client):
    return get_user(type("Request", (), {"session": client.session, "META": {}})())


def kinds():
    return list(Event.objects.order_by("id").values_list("kind", flat=True))


def link_in_last_mail():
    return re.search(r"http://testserver(/\S+)", mail.outbox[-1].body)[1]


def test_somebody_signs_up_and_is_signed_in(visitor, sign_up):
    response = sign_up(visitor, username="anna", email="Anna@Example.org")
    assert response.url == "/runs/"
    user = user_of(visitor)
    assert (user.username, user.email, user.is_guest) == ("anna", "anna@example.org", False)
    assert kinds() == ["signed up"]
    assert mail.outbox[0].subject == "TryML: Please Confirm Your Email Address"


def test_a_guest_who_signs_up_stays_who_they_are_and_keeps_everything(guests, guest, sign_up):
    Experiment.objects.create(owner=guest, name="First steps")
    Preferences.objects.create(user=guest, theme="dark")
    sign_up(guests, username="anna")
    user = user_of(guests)
    assert (user.pk, user.username, user.is_guest) == (guest.pk, "anna", False)
    assert user.check_password("correct horse battery")
    assert user.experiments.get().name == "First steps"
    assert user.preferences.theme == "dark"
    assert User.objects.count() == 1


def test_a_guest_whose_form_has_errors_stays_a_guest(guests, guest, sign_up):
    assert sign_up(guests, username="anna", again="different").status_code == 200
    guest.refresh_from_db()
    assert guest.is_guest
    assert user_of(guests) == guest


def test_a_guest_who_signs_in_hands_everything_over(guests, guest, owner, sign_in):
    Experiment.objects.create(owner=guest, name="As a guest")
    Experiment.objects.create(owner=owner, name="Before")
    assert sign_in(guests, "owner").url == "/runs/"
    assert user_of(guests) == owner
    assert set(owner.experiments.values_list("name", flat=True)) == {"As a guest", "Before"}
    assert not User.objects.filter(pk=guest.pk).exists()
    assert kinds() == ["guest handed over", "signed in"]
    assert "What you did as a guest came along." in guests.get("/accounts/logout/").content.decode()


def test_a_guest_who_mistypes_the_password_stays_a_guest(guests, guest, owner, sign_in):
    Experiment.objects.create(owner=guest, name="As a guest")
    sign_in(guests, "owner", "wrong")
    assert user_of(guests) == guest
    assert guest.experiments.count() == 1


@pytest.mark.parametrize("login", ["owner", "OWNER", "owner@example.org", "Owner@Example.org"])
def test_somebody_signs_in_by_name_or_e_mail(visitor, owner, sign_in, login):
    assert sign_in(visitor, login).url == "/runs/"
    assert user_of(visitor) == owner


def test_signing_in_leads_to_where_one_was_going_on_this_site_only(visitor, owner, sign_in):
    assert sign_in(visitor, "owner", next="/train/").url == "/train/"
    assert sign_in(visitor, "owner", next="https://evil.example/").url == "/runs/"


def test_a_wrong_password_is_said_and_recorded(visitor, owner, sign_in):
    response = sign_in(visitor, "owner", "wrong")
    assert "not correct" in response.content.decode()
    assert not user_of(visitor).is_authenticated
    event = Event.objects.get()
    assert (event.kind, event.get_level_display(), event.data) == (
        "sign-in failed",
        "warning",
        {"address": "127.0.0.1"},
    )


def test_a_password_cannot_be_guessed_at_leisure(visitor, owner, sign_in):
    for _ in range(5):
        sign_in(visitor, "owner", "wrong")
    assert "Too many" in sign_in(visitor, "owner").content.decode()
    assert not user_of(visitor).is_authenticated


def test_somebody_closed_out_by_an_administrator_cannot_sign_in(visitor, owner, sign_in):
    User.objects.update(is_active=False)
    sign_in(visitor, "owner")
    assert not user_of(visitor).is_authenticated


def test_somebody_signs_out(owners):
    assert owners.post("/accounts/logout/").url == "/"
    assert not user_of(owners).is_authenticated


def test_a_guest_is_warned_before_signing_out(guests):
    page = guests.get("/accounts/logout/").content.decode()
    assert "nobody can get back to your runs" in page
    guests.post("/accounts/logout/")
    assert not user_of(guests).is_authenticated


def test_who_has_an_account_cannot_sign_up_again(owners, sign_up):
    assert "You have an account" in owners.get("/accounts/signup/").content.decode()
    sign_up(owners, username="another")
    assert not User.objects.filter(username="another").exists()


def test_a_password_is_changed(owners, visitor, sign_in):
    new = "a new and better one"
    form = {"oldpassword": "correct horse", "password1": new, "password2": new}
    owners.post("/accounts/password/change/", form)
    assert user_of(owners).is_authenticated, "stays signed in"
    assert sign_in(visitor, "owner").status_code == 200
    assert sign_in(visitor, "owner", new).status_code == 302
    assert "password changed" in kinds()


def test_a_forgotten_password_is_reset_through_the_mails_link(visitor, owner, sign_in):
    done = visitor.post("/accounts/password/reset/", {"email": "owner@example.org"}, follow=True)
    assert "Look into your mail" in done.content.decode()
    assert mail.outbox[0].subject == "TryML: Password Reset Email"
    form = visitor.get(link_in_last_mail(), follow=True)
    new = {"password1": "a new and better one", "password2": "a new and better one"}
    changed = visitor.post(form.redirect_chain[-1][0], new, follow=True)
    assert "Your password is changed" in changed.content.decode()
    assert sign_in(visitor, "owner", "a new and better one").status_code == 302
    assert "no longer works" in visitor.get(link_in_last_mail()).content.decode(), "used only once"


def test_a_mail_about_an_unknown_address_gives_nothing_away(visitor, owner):
    known = visitor.post("/accounts/password/reset/", {"email": "owner@example.org"})
    unknown = visitor.post("/accounts/password/reset/", {"email": "nobody@example.org"})
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)


def test_a_link_from_a_mail_does_not_cost_a_guest_their_runs(guests, guest, owner, sign_in):
    Experiment.objects.create(owner=guest, name="As a guest")
    guests.post("/accounts/password/reset/", {"email": "owner@example.org"})
    form = guests.get(link_in_last_mail(), follow=True)
    new = {"password1": "a new and better one", "password2": "a new and better one"}
    guests.post(form.redirect_chain[-1][0], new)
    assert user_of(guests) == guest
    sign_in(guests, "owner", "a new and better one")
    assert owner.experiments.get().name == "As a guest"


def test_an_address_is_confirmed_through_the_mails_link(visitor, sign_up):
    sign_up(visitor, email="anna@example.org")
    link = link_in_last_mail()
    assert "Yes, it is mine" in visitor.get(link).content.decode()
    visitor.post(link)
    assert user_of(visitor).emailaddress_set.get().verified


def test_a_mail_that_cannot_be_sent_loses_nothing(visitor, sign_up, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    response = sign_up(visitor, username="anna", email="anna@example.org")
    assert user_of(visitor).username == "anna"
    assert "could not send the mail" in visitor.get(response.url).content.decode()
