"""A short walk through the application in Chromium, in Firefox and in WebKit, Safari's engine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.drivers import Driver, missing, quoted, started
from tests.waiting import wait_until, wait_while_it_moves

# A one, in shares of the pad's side.
ONE = [(0.55, 0.2), (0.53, 0.35), (0.5, 0.5), (0.47, 0.65), (0.45, 0.8)]


@pytest.fixture(scope="module", params=["Chromium", "Firefox", "WebKit"])
def driver(request, chromium) -> Iterator[Driver]:
    if why := missing(request.param):
        pytest.skip(f"{why}: {request.param} is not tested here")
    with started(request.param, chromium) as browser:
        yield browser


def element(selector: str) -> str:
    return f"document.querySelector({quoted(selector)})"


def wait_for(driver: Driver, selector: str) -> None:
    wait_until(lambda: driver.script(f"return {element(selector)} !== null"), what=selector)


def text(driver: Driver, selector: str) -> str:
    return str(driver.script(f"return {element(selector)}?.innerText ?? ''")).strip()


def click(driver: Driver, selector: str) -> None:
    wait_for(driver, selector)
    driver.script(f"{element(selector)}.click()")


def fill(driver: Driver, name: str, value: str) -> None:
    driver.script(
        f"const field = {element(f'[name={name}]')}; field.value = {quoted(value)};"
        "for (const type of ['input', 'change']) field.dispatchEvent(new Event(type, { bubbles: true }));"
    )


def at(driver: Driver, path: str) -> bool:
    try:
        here, state = driver.script("return [location.pathname, document.readyState]") or ("", "")
    except driver.errors:
        return False  # between two pages
    return str(here).startswith(path) and state == "complete"


def draw_a_one(driver: Driver, selector: str) -> None:
    driver.script(f"{element(selector)}.scrollIntoView({{ block: 'center', behavior: 'instant' }})")
    x, y, width, height = driver.script(
        f"const box = {element(selector)}.getBoundingClientRect();"
        "return [box.x, box.y, box.width, box.height];"
    )
    driver.drag([(x + u * width, y + v * height) for u, v in ONE])


IS_BESIDE = """
const help = document.querySelector(".help-text:popover-open")?.getBoundingClientRect();
const button = document.querySelector(".help-button").getBoundingClientRect();
return Boolean(help) && help.left >= 0 && help.right <= innerWidth &&
  Math.min(Math.abs(help.top - button.bottom), Math.abs(button.top - help.bottom)) < 10;
"""


def look_at_a_popover(driver: Driver) -> None:
    """A help text opens beside its button, within the window."""
    click(driver, ".help-button")
    wait_until(lambda: driver.script(IS_BESIDE), what="a popover beside its button")
    driver.script("document.querySelector('.help-text:popover-open').hidePopover()")


def test_a_walk(driver: Driver, stack):
    # Draw.
    driver.go(f"{stack.url}/")
    wait_for(driver, "[data-pad-canvas]")
    draw_a_one(driver, "[data-pad-canvas]")
    wait_until(lambda: text(driver, "[data-pad-digit]") == "1", what="the answer")

    # Become a guest, look at help, train.
    click(driver, "form[action*='/accounts/guest/'] button")
    wait_until(lambda: at(driver, "/train/"), what="the form of a new run")
    look_at_a_popover(driver)
    for name, value in (("training_images", "1500"), ("batch_size", "50"), ("epochs", "2")):
        fill(driver, name, value)
    click(driver, "[data-start]")
    wait_until(lambda: at(driver, "/runs/"), what="the page of the run")

    # Watch.
    wait_while_it_moves(
        lambda: driver.script(f"return {element('#run-result .figure')} !== null"),
        lambda: text(driver, "#run-state") + text(driver, "#run-progress"),
        what="the run's result",
    )
    assert "%" in text(driver, "#run-result")

    # Preferences, whose many popovers once kept WebKit busy for ever.
    driver.go(f"{stack.url}/preferences/")
    wait_for(driver, ".help-button")
    look_at_a_popover(driver)

    # Look at digits.
    driver.go(f"{stack.url}/digits/")
    wait_until(lambda: driver.script("return document.images.length >= 100"), what="the images")
    click(driver, ".tile[data-index='3']")
    wait_for(driver, ".tile[data-index='3'][aria-current]")

    # Embed.
    driver.go(f"{stack.url}/networks/starter/embed/")
    wait_for(driver, "tryml-digit")
    draw_a_one(driver, "tryml-digit")
    wait_until(
        lambda: "1" in str(driver.script(f"return {element('tryml-digit')}.shadowRoot.textContent")),
        what="the widget's answer",
    )
