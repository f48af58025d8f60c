"""How much a request may carry: a form's size anywhere, and more only for the views that take files."""

from pathlib import Path

import pytest
from django.conf import settings
from django.urls import get_resolver, reverse

from digits.photos import decode
from digits.uploads import upload
from training.ml import formats
from tryml.web.body_limit import body_limit

FILES = {
    "digits:picture": decode.MOST_BYTES,
    "digits:own": upload.MOST_BYTES,
    "training:networks": formats.LARGEST,
}
ROOT = Path(settings.BASE_DIR)


@pytest.mark.parametrize(("name", "most"), FILES.items())
def test_a_view_that_takes_files_takes_them_and_a_form(name, most):
    assert most < body_limit(reverse(name)) < most + 1_000_000


@pytest.mark.parametrize(
    "path", ["/", "/nothing/here/", "", "no-slash", "/admin/", "/draw/picture", "/\x00", "*"]
)
def test_other_paths_take_a_form(path):
    assert body_limit(path) == settings.DATA_UPLOAD_MAX_MEMORY_SIZE


def test_no_other_view_takes_files():
    marked = [p for p in _patterns(get_resolver().url_patterns) if hasattr(p.callback, "body_limit")]
    assert len(marked) == len(FILES)


def test_every_view_that_reads_files_is_marked():
    reading = {
        path.relative_to(ROOT).as_posix()
        for room in ("tryml", "digits", "training")
        for path in (ROOT / room).rglob("*.py")
        if "request.FILES" in path.read_text()
    }
    assert reading == {"digits/pages/photo.py", "digits/pages/own_datasets.py", "training/networks/views.py"}
    assert all("@takes_files(" in (ROOT / path).read_text() for path in reading)


def _patterns(entries):
    for entry in entries:
        if hasattr(entry, "url_patterns"):
            yield from _patterns(entry.url_patterns)
        else:
            yield entry
