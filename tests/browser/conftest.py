"""A real Chromium, the static files on a web server, and a running TryML."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    expect,
    sync_playwright,
)

from tests.browser.stack import Stack

STATIC = Path(__file__).parents[2] / "static"
# Milliseconds to wait for a page: many, because the machine may be busy.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]


def launch(playwright: Playwright) -> Browser:
    """Start Chromium: the one on the PATH, else Playwright's."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    return playwright.chromium.launch(executable_path=executable, args=CHROMIUM_ARGUMENTS)


# Per package: Playwright keeps an event loop running in this thread, which must end before the asynchronous
# tests of other packages.
@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """One Chromium for all tests."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves a folder without logging requests."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture(scope="package")
def static_url() -> Iterator[str]:
    """The URL at which the files of static/ are served."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(STATIC)))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def module_page(chromium: Browser, static_url: str) -> Iterator[Page]:
    """A page without scripts on the static files' origin, so that tests can import modules in it."""
    page = chromium.new_page()
    page.goto(f"{static_url}/icon.svg")
    yield page
    page.close()


@pytest.fixture(scope="package")
def stack() -> Iterator[Stack]:
    """One running TryML for all tests of this package."""
    running = Stack()
    yield running
    running.close()


def is_wrong(message: ConsoleMessage, expected: list[str]) -> bool:
    # Chromium also logs a refused form (422), which the page itself shows.
    known = ["status of 422", *expected]
    return message.type in {"error", "warning"} and not any(text in message.text for text in known)


class Idle(NamedTuple):
    """A page of a paused run: nothing is sent over its WebSocket since the time `since` of `time.monotonic`."""

    page: Page
    since: float


@pytest.fixture(scope="package")
def idle(chromium: Browser, stack: Stack) -> Iterator[Idle]:
    """Opened for the first test that needs the stack; used only by the last."""
    page = chromium.new_context(base_url=stack.url).new_page()
    page.set_default_timeout(PATIENCE)
    page.goto("/")
    page.get_by_role("button", name="Try it as a guest").click()
    page.fill("[name=name]", Stack.LEFT_ALONE)
    page.fill("[name=epochs]", "1000")
    page.get_by_role("button", name="Start training").click()
    page.get_by_role("button", name="Pause").click()
    page.locator("#run-state", has_text="paused").wait_for()
    yield Idle(page, time.monotonic())
    page.context.close()


@pytest.fixture
def open_page(chromium: Browser, stack: Stack, idle: Idle) -> Iterator[Callable[..., Page]]:
    """Opens a page in a browser context of its own; an unexpected error or warning on its console fails the test."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def watch(page: Page) -> None:
        page.on("console", lambda m: wrong.append(m.text) if is_wrong(m, expected) else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))

    expected: list[str] = []

    def opened(
        path: str = "/", *, guest: bool = False, expect_errors: tuple[str, ...] = (), **options: Any
    ) -> Page:
        expected.extend(expect_errors)
        context = chromium.new_context(
            base_url=stack.url, **{"viewport": {"width": 1280, "height": 900}} | options
        )
        contexts.append(context)
        context.on("page", watch)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        if guest:
            page.goto("/")
            page.get_by_role("button", name="Try it as a guest").click()
            page.wait_for_url("**/train/")
        if not guest or path != "/":
            page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()
    stack.stop_all_runs()
    assert not wrong, "\n".join(wrong)
