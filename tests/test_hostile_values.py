"""Values that no form of ours sends: each view gets each of them, wherever it takes a value, and never breaks.

Views come from the URL configuration, names of values from the source and from the forms, so that a new one can't be
forgotten.
"""

import re
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.test_strangers import URLS
from training.runs.forms import RunForm

ROOT = Path(settings.BASE_DIR)
VALUES = {
    "superscript": "²",
    "5,000 digits": "9" * 5000,
    "18 digits": "9" * 18,
    "2³¹": str(2**31),
    "negative": "-1",
    "infinite": "inf",
    "1e308": "1e308",
    "1e400": "1e400",
    "NUL": "a\x00b",
    "turned round": "\u202eabc",
    "half a letter": "\udc80",
    "object": '{"a": {"b": []}}',
    "strokes": "[[[0.5, 1e999], [NaN, 1]]]",
    "long": "x" * 20_000,
    "path": "../../etc/passwd",
}


def sources() -> str:
    return "\n".join(
        path.read_text()
        for room in ("tryml", "digits", "training")
        for path in (ROOT / room).rglob("*.py")
        if "/migrations/" not in path.as_posix()
    )


READ = sorted(set(re.findall(r'\b(?:GET|POST|data)\.get(?:list)?\(\s*"([\w-]+)"', sources())))
FIELDS = sorted({*READ, *RunForm.base_fields, "login", "password", "email", "username", "title", "name"})
OURS = [(name, route) for name, route, _ in URLS if not name.startswith(("account_", "accounts:guest"))]
# Files that a page takes, where a hostile value stands for the content.
FILES = ("picture", "archive", "images", "labels", "file", "network")


def broken(responses) -> list[str]:
    return [f"{name}: {response.status_code}" for name, response in responses if response.status_code >= 500]


@pytest.fixture
def browser(owners: Client) -> Client:
    owners.raise_request_exception = False
    return owners


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_no_view_breaks_on_a_value_in_its_query(value, browser, path_of):
    query = "&".join(f"{name}={quote(value, errors='surrogatepass')}" for name in FIELDS)
    urls = [(name, path_of(route)) for name, route in OURS]
    assert broken((name, browser.get(f"{url}?{query}")) for name, url in urls if "<" not in url) == []


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_no_view_breaks_on_a_value_in_a_form(value, browser, path_of):
    fields = dict.fromkeys(FIELDS, value.encode("utf-8", "surrogatepass").decode("utf-8", "replace"))
    files = {name: SimpleUploadedFile(f"{name}.zip", value.encode("utf-8", "replace")) for name in FILES}
    urls = [(name, path_of(route)) for name, route in OURS]
    sent = (
        (name, browser.post(url, fields | files, headers={"HX-Request": "true"}))
        for name, url in urls
        if not name.endswith(("delete", "clear", "undo"))
    )
    assert broken(sent) == []


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_no_view_breaks_on_a_value_in_its_address(value, browser, db):
    text = quote(value, safe="", errors="surrogatepass")
    urls = [(name, re.sub(r"<[^>]+>", lambda _: text, f"/{route}")) for name, route in OURS if "<" in route]
    assert len(urls) > 20
    assert broken((name, browser.get(url)) for name, url in urls) == []
    assert broken((name, browser.post(url, {})) for name, url in urls) == []
