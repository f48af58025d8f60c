from django.core import mail
from django.test import Client
from django.urls import reverse

from tryml.accounts.models import User


def test_a_user_name_alone_is_enough(visitor, sign_up):
    assert sign_up(visitor, username="anna").status_code == 302
    assert User.objects.get().email == ""


def test_an_e_mail_alone_is_enough_and_gives_the_name(visitor, sign_up):
    assert sign_up(visitor, email="anna@example.org").status_code == 302
    user = User.objects.get()
    assert (user.username, user.email) == ("anna", "anna@example.org")


def test_two_people_with_like_addresses_get_names_of_their_own(client, db, sign_up, visitor):
    sign_up(visitor, email="anna@example.org")
    sign_up(client, email="anna@example.net")
    assert len(set(User.objects.values_list("username", flat=True))) == 2


def test_neither_name_nor_e_mail_is_one_clear_error_beside_the_field(visitor, sign_up):
    response = sign_up(visitor)
    assert response.context["form"].errors == {"username": ["Give a user name or an e-mail address."]}
    page = response.content.decode()
    assert 'id="id_username_error"' in page
    assert 'aria-describedby="id_username_error"' in page


def test_a_wrong_e_mail_is_one_error_and_not_two(visitor, sign_up):
    errors = sign_up(visitor, email="anna").context["form"].errors
    assert list(errors) == ["email"]


def test_a_name_that_is_taken_is_refused_whatever_its_case(visitor, owner, sign_up):
    assert "username" in sign_up(visitor, username="OWNER").context["form"].errors


def test_signing_up_does_not_tell_whose_e_mail_is_here_and_takes_nothing_from_them(visitor, owner, sign_up):
    taken = sign_up(visitor, username="other", email="OWNER@example.org")
    fresh = sign_up(Client(), username="fresh", email="fresh@example.org")
    assert (taken.status_code, taken.url) == (fresh.status_code, fresh.url) == (302, "/runs/")
    first, second = mail.outbox
    assert (first.subject, first.to) == (second.subject, ["owner@example.org"])
    browser = Client()
    browser.post(reverse("account_login"), {"login": "owner@example.org", "password": "correct horse"})
    assert browser.session["_auth_user_id"] == str(owner.pk)


def test_a_weak_password_is_refused_beside_its_field(visitor, sign_up):
    errors = sign_up(visitor, username="anna", password="12345678", again="12345678").context["form"].errors
    assert list(errors) == ["password1"]


def test_what_was_typed_stays_in_the_form(visitor, sign_up):
    assert 'value="anna"' in sign_up(visitor, username="anna", again="different").content.decode()
