"""Every template loads, and every file that a template names exists. The folders are read: no new file is forgotten."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import get_template

from training.sharing import widget_bundle

ROOT = Path(__file__).parents[1]
TEMPLATES = sorted((ROOT / "templates").rglob("*.*"))
NAMES = [str(path.relative_to(ROOT / "templates")) for path in TEMPLATES]
STYLES = ROOT / "static" / "css"
TEMPLATE = re.compile(r"""\{% (?:include|extends) (["'])(?P<name>.+?)\1""")
PAGE = re.compile(r"[\w/]+\.html")
STATIC = re.compile(r"""\{% static (["'])(?P<name>.+?)\1""")
CODE = [path for package in ("digits", "training", "tryml") for path in (ROOT / package).rglob("*.py")]
# Django, allauth and the rate limit ask for these by names of their own.
ASKED_BY_OTHERS = re.compile(r"(account|admin)/.*|429\.html")
MOST_LINES = 400  # of a style sheet


def named(pattern: re.Pattern[str], path: Path) -> list[str]:
    return [found["name"] for found in pattern.finditer(path.read_text())]


def test_there_are_templates_and_style_sheets_to_look_at():
    assert len(NAMES) > 100
    assert len(list(STYLES.rglob("*.css"))) > 15


@pytest.mark.parametrize("name", NAMES)
def test_a_template_is_found_and_parses(name):
    assert Path(get_template(name).origin.name) == ROOT / "templates" / name


@pytest.mark.parametrize("path", TEMPLATES, ids=NAMES)
def test_what_a_template_names_exists(path):
    for name in named(TEMPLATE, path):
        get_template(name)
    missing = [name for name in named(STATIC, path) if not finders.find(name)]
    assert not missing


def test_the_code_names_templates_in_full_and_each_template_has_a_user():
    texts = [
        (node, path)
        for path in CODE
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.endswith(".html")
    ]
    in_parts = [(path.name, node.lineno) for node, path in texts if not PAGE.fullmatch(node.value)]
    assert not in_parts, "these names are put together, so nothing can check them"
    used = {node.value for node, _ in texts} | {name for path in TEMPLATES for name in named(TEMPLATE, path)}
    for name in used:
        get_template(name)
    assert [name for name in NAMES if name not in used and not ASKED_BY_OTHERS.fullmatch(name)] == []


def test_every_style_sheet_has_a_user_and_one_subject():
    linked = {name for path in TEMPLATES for name in named(STATIC, path)}
    linked |= {
        style(None).removeprefix(f"/{settings.STATIC_URL.strip('/')}/") for style in settings.UNFOLD["STYLES"]
    }
    used = {ROOT / "static" / name for name in linked} | {widget_bundle.STYLES}
    assert set(STYLES.rglob("*.css")) <= used
    assert [
        path for path in used if path.suffix == ".css" and len(path.read_text().splitlines()) > MOST_LINES
    ] == []
