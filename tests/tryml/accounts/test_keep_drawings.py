"""Whether drawings may be kept: asked once, remembered, changed at will."""

import pytest
from django.urls import reverse

from tests.tryml.accounts.test_adapter import user_of
from tryml.accounts.models import Preferences

URL = reverse("accounts:keep_drawings")
PREFERENCES = reverse("accounts:preferences")


@pytest.mark.parametrize("browser", ["owners", "guests"])
def test_an_answer_is_remembered_and_changed(request, browser):
    client = request.getfixturevalue(browser)
    assert Preferences.of(user_of(client)).keeps_drawings is None
    for answer, kept in (("yes", True), ("no", False)):
        assert client.post(URL, {"keeps": answer}).status_code == 204
        assert Preferences.of(user_of(client)).keeps_drawings is kept


@pytest.mark.parametrize("answer", ["", "maybe", "True"])
def test_what_is_no_answer_is_none(owners, owner, answer):
    assert owners.post(URL, {"keeps": answer}).status_code == 400
    assert Preferences.of(owner).keeps_drawings is None


def test_it_takes_a_post_of_somebody(owners, visitor):
    assert owners.get(URL).status_code == 405
    assert visitor.post(URL, {"keeps": "yes"}).url.startswith(reverse("account_login"))


@pytest.mark.parametrize(("chosen", "kept"), [("True", True), ("False", False), ("", None)])
def test_the_preferences_say_it_too(owners, owner, chosen, kept):
    Preferences.objects.create(user=owner, keeps_drawings=True)
    owners.post(PREFERENCES, {"theme": "dark", "keeps_drawings": chosen})
    assert Preferences.of(owner).keeps_drawings is kept


def test_choosing_a_theme_is_no_answer(owners, owner):
    owners.post(PREFERENCES, {"theme": "dark"})
    assert Preferences.of(owner).keeps_drawings is None
    owners.post(URL, {"keeps": "yes"})
    owners.post(PREFERENCES, {"theme": "light"})
    assert Preferences.of(owner).keeps_drawings is True
