"""What may stand in the list of pages that may use a network."""

import pytest
from django.forms import ValidationError

from training.sharing.forms import ShareForm, origin


@pytest.mark.parametrize(
    ("typed", "understood"),
    [
        ("https://example.org", "https://example.org"),
        ("  HTTPS://Example.org/  ", "https://example.org"),
        ("https://example.org:443", "https://example.org"),
        ("https://example.org:8443", "https://example.org:8443"),
        ("https://münchen.example", "https://xn--mnchen-3ya.example"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://127.0.0.1", "http://127.0.0.1"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("*", "*"),
    ],
)
def test_an_origin_is_understood_as_browsers_send_it(typed, understood):
    assert origin(typed) == understood


@pytest.mark.parametrize(
    "typed",
    [
        "example.org",
        "ftp://example.org",
        "https://",
        "https://*.example.org",
        "https://example.org/page",
        "https://example.org?a=1",
        "https://user:secret@example.org",
        "https://example.org:99999",
        "https://example.org:port",
        "https://exa mple.org",
        "https://[::1",
        "https://-example.org",
        "https://" + "a" * 300 + ".org",
        "javascript:alert(1)",
        "null",
    ],
)
def test_anything_else_is_refused_with_the_form_it_must_have(typed):
    with pytest.raises(ValidationError, match="not of the form https://example"):
        origin(typed)


def test_elsewhere_than_on_this_machine_it_takes_tls():
    with pytest.raises(ValidationError, match="must begin with https://"):
        origin("http://example.org")


def form(origins):
    return ShareForm({"origins": origins})


def test_lines_become_a_list_in_which_none_is_twice():
    shared = form("https://a.example\n\nhttps://b.example/ https://A.example")
    assert shared.is_valid()
    assert shared.cleaned_data["origins"] == ["https://a.example", "https://b.example"]


@pytest.mark.parametrize(
    ("origins", "message"),
    [
        ("", "at least one page, or * for every page"),
        ("https://a.example nonsense", "“nonsense” is not of the form"),
        ("\n".join(f"https://{i}.example" for i in range(21)), "At most 20 addresses; these are 21"),
    ],
)
def test_mistakes_are_named_at_the_field(origins, message):
    assert message in form(origins).errors["origins"][0]
