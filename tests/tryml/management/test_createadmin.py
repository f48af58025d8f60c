import sys

import pytest
from django.core.management import CommandError, call_command

from tryml.accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_terminal(monkeypatch):
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    for name in ("TRYML_ADMIN_PASSWORD", "DJANGO_SUPERUSER_PASSWORD"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("variable", ["TRYML_ADMIN_PASSWORD", "DJANGO_SUPERUSER_PASSWORD"])
def test_an_administrator_is_made_without_a_question(monkeypatch, capsys, variable):
    # given
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "")
    monkeypatch.setenv(variable, "correct horse battery")

    # when
    call_command("createadmin", username="boss", email="boss@example.org")

    # then
    boss = User.objects.get(username="boss")
    assert boss.is_superuser
    assert boss.is_staff
    assert boss.email == "boss@example.org"
    assert boss.check_password("correct horse battery")
    assert capsys.readouterr().out == "The administrator can sign in at /admin/.\n"


@pytest.mark.parametrize("username", ["owner", "OWNER"])
def test_a_name_that_is_taken_is_refused(monkeypatch, owner, username):
    # given
    monkeypatch.setenv("TRYML_ADMIN_PASSWORD", "correct horse battery")

    # when / then
    with pytest.raises(CommandError, match=f"There is a user called {username} already"):
        call_command("createadmin", username=username)
    assert not User.objects.get().is_superuser


@pytest.mark.parametrize(
    ("username", "password", "message"),
    [
        ("boss", "boss", "too short"),
        ("two words", "correct horse battery", "Enter a valid username"),
    ],
)
def test_a_bad_name_or_password_is_refused_with_the_reason(monkeypatch, username, password, message):
    # given
    monkeypatch.setenv("TRYML_ADMIN_PASSWORD", password)
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "")

    # when / then
    with pytest.raises(CommandError, match=message):
        call_command("createadmin", username=username)
    assert not User.objects.exists()


def test_where_nobody_can_be_asked_it_says_what_to_set():
    with pytest.raises(CommandError, match="set TRYML_ADMIN_USERNAME and TRYML_ADMIN_PASSWORD"):
        call_command("createadmin", username="boss")


def test_a_terminal_is_asked_for_the_rest(monkeypatch):
    # given
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    answers = iter(["boss", "boss@example.org"])
    monkeypatch.setattr("builtins.input", lambda _question: next(answers))
    monkeypatch.setattr("getpass.getpass", lambda *_: "correct horse battery")

    # when
    call_command("createadmin")

    # then
    assert User.objects.get(is_superuser=True).email == "boss@example.org"


def test_a_terminal_that_is_closed_cancels(monkeypatch):
    # given
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)

    def closed(_question: str) -> str:
        raise EOFError

    monkeypatch.setattr("builtins.input", closed)

    # when / then
    with pytest.raises(CommandError, match="Cancelled"):
        call_command("createadmin")
