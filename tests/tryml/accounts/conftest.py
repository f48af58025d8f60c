import pytest
from django.test import Client

PASSWORD = "correct horse battery"


@pytest.fixture
def visitor(db):
    """The browser of a visitor who is not signed in."""
    return Client()


@pytest.fixture
def sign_up():
    """Sends the sign-up form from a browser."""

    def send(client, username="", email="", password=PASSWORD, again=PASSWORD):
        form = {"username": username, "email": email, "password1": password, "password2": again}
        return client.post("/accounts/signup/", form)

    return send


@pytest.fixture
def sign_in():
    """Sends the sign-in form from a browser."""

    def send(client, login, password="correct horse", **more):
        return client.post("/accounts/login/", {"login": login, "password": password, **more})

    return send
