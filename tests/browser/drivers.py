"""Three browsers behind the few things that a short walk does with each of them."""

from __future__ import annotations

import gc
import json
import os
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from playwright.sync_api import Browser, Error

SIZE = (1280, 900)  # pixels of the window
SECONDS = 60  # that a page or a script may take


class Driver(Protocol):
    """A browser with one page."""

    # What `script` raises while one page takes the place of another.
    errors: tuple[type[Exception], ...]

    def go(self, url: str) -> None:
        """Load the address, to the end of its load event."""

    def script(self, body: str) -> Any:
        """What the body of a function returns when it runs in the page."""

    def drag(self, points: list[tuple[float, float]]) -> None:
        """Press the mouse at the first of these points of the window, move it along the others, release it."""


class Chromium:
    """Through Playwright."""

    errors = (Error,)

    def __init__(self, browser: Browser) -> None:
        self.page = browser.new_page(viewport={"width": SIZE[0], "height": SIZE[1]})
        self.page.set_default_timeout(SECONDS * 1000)

    def go(self, url: str) -> None:
        self.page.goto(url)

    def script(self, body: str) -> Any:
        return self.page.evaluate(f"() => {{ {body} }}")

    def drag(self, points: list[tuple[float, float]]) -> None:
        (x, y), *rest = points
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        for x, y in rest:
            self.page.mouse.move(x, y, steps=4)
        self.page.mouse.up()


class Firefox:
    """Debian's, through Marionette, the protocol that it speaks without another program."""

    def __init__(self, marionette: Any) -> None:
        from marionette_driver.errors import MarionetteException

        self.marionette = marionette
        self.errors = (MarionetteException,)

    def go(self, url: str) -> None:
        self.marionette.navigate(url)

    def script(self, body: str) -> Any:
        return self.marionette.execute_script(body)

    def drag(self, points: list[tuple[float, float]]) -> None:
        mouse = self.marionette.actions.sequence("pointer", "mouse", {"pointerType": "mouse"})
        (x, y), *rest = points
        mouse.pointer_move(int(x), int(y)).pointer_down(button=0)
        for x, y in rest:
            mouse.pointer_move(int(x), int(y), duration=50)
        mouse.pointer_up(button=0).perform()


class WebKit:
    """Debian's WebKitGTK, Safari's engine, through Selenium."""

    def __init__(self, selenium: Any) -> None:
        from selenium.common.exceptions import WebDriverException

        self.selenium = selenium
        self.errors = (WebDriverException,)

    def go(self, url: str) -> None:
        self.selenium.get(url)

    def script(self, body: str) -> Any:
        return self.selenium.execute_script(body)

    def drag(self, points: list[tuple[float, float]]) -> None:
        from selenium.webdriver.common.actions.action_builder import ActionBuilder

        builder = ActionBuilder(self.selenium, duration=50)
        (x, y), *rest = points
        builder.pointer_action.move_to_location(int(x), int(y))
        builder.pointer_action.pointer_down()
        for x, y in rest:
            builder.pointer_action.move_to_location(int(x), int(y))
        builder.pointer_action.pointer_up()
        builder.perform()


def mini_browser() -> str:
    """The path of WebKitGTK's small browser; empty where it isn't installed."""
    found = sorted(Path("/usr/lib").glob("*/webkit2gtk-4*/MiniBrowser"), reverse=True)
    return str(found[0]) if found else ""


def missing(name: str) -> str:
    """What is not installed for this browser, in words; empty where nothing is missing."""
    if name == "Firefox" and not shutil.which("firefox-esr"):
        return "firefox-esr is not installed"
    if name == "WebKit" and not (mini_browser() and shutil.which("WebKitWebDriver") and shutil.which("Xvfb")):
        return "webkit2gtk-driver and xvfb are not installed"
    return ""


@contextmanager
def started(name: str, chromium: Browser) -> Iterator[Driver]:
    """The browser of that name, until the block ends."""
    if name == "Chromium":
        driver = Chromium(chromium)
        yield driver
        driver.page.close()
    elif name == "Firefox":
        with _marionette() as marionette:
            yield Firefox(marionette)
    else:
        with _screen() as display, _selenium(display) as selenium:
            yield WebKit(selenium)


@contextmanager
def _marionette() -> Iterator[Any]:
    from marionette_driver.marionette import Marionette

    with tempfile.TemporaryDirectory(prefix="tryml-firefox-", ignore_cleanup_errors=True) as folder:
        with _careless():
            marionette = Marionette(
                bin=shutil.which("firefox-esr"), headless=True, gecko_log=f"{folder}/log", workspace=folder
            )
        try:
            with _careless():
                marionette.start_session()
            marionette.timeout.page_load = marionette.timeout.script = SECONDS
            marionette.set_window_rect(width=SIZE[0], height=SIZE[1])
            yield marionette
        finally:
            with _careless():
                marionette.cleanup()
                marionette.instance.profile.cleanup()


@contextmanager
def _careless() -> Iterator[None]:
    """Marionette leaves sockets and files to the garbage collector, which warns of each."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        yield
        gc.collect()


@contextmanager
def _selenium(display: str) -> Iterator[Any]:
    from selenium.webdriver import WebKitGTK, WebKitGTKOptions
    from selenium.webdriver.webkitgtk.service import Service

    options = WebKitGTKOptions()
    options.binary_location = mini_browser()
    options.add_argument("--automation")
    service = Service(shutil.which("WebKitWebDriver"), env={**os.environ, "DISPLAY": display})
    selenium = WebKitGTK(options=options, service=service)
    try:
        selenium.set_page_load_timeout(SECONDS)
        selenium.set_script_timeout(SECONDS)
        selenium.set_window_rect(0, 0, *SIZE)
        yield selenium
    finally:
        selenium.quit()


@contextmanager
def _screen() -> Iterator[str]:
    """The name of a screen that nobody sees."""
    read, write = os.pipe()
    size = f"{SIZE[0]}x{SIZE[1]}x24"
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", size, "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL)
    os.close(write)
    try:
        with os.fdopen(read) as told:
            yield f":{told.readline().strip()}"
    finally:
        server.terminate()
        server.wait()


def quoted(text: str) -> str:
    """A text as JavaScript writes it."""
    return json.dumps(text)
