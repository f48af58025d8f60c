"""Every page is usable by everyone: no axe-core violation in either theme, nothing wider than a phone, keys."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.test_walk import LONG, QUICK, ZERO, draw, finish, start, stop
from tests.waiting import wait_while_it_moves

PUBLIC = [
    "/",
    "/draw/",
    "/draw/?mode=number",
    "/draw/?mode=picture",
    "/digits/?index=3",
    "/networks/starter/embed/",
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/password/reset/",
]
# The form of a new run is looked at with a mistake in it and with every part open: axe is slow on it.
OWN = ["/runs/", "/networks/", "/datasets/", "/drawings/", "/preferences/"]
THEMES = ["light", "dark"]
EVERYTHING = {"resultTypes": ["violations"]}
COLOURS = {**EVERYTHING, "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}


def check(page: Page, within: str | None = None) -> None:
    """No violation, and nothing sticks out sideways. The dark theme has other colours; all else is the light one's."""
    page.wait_for_load_state("networkidle")
    is_dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    results = Axe().run(page, context=within, options=COLOURS if is_dark else EVERYTHING)
    assert results.violations_count == 0, results.generate_report()
    wide = page.evaluate("document.scrollingElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{page.url} sticks out by {wide} px"


PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


def contexts(theme: str) -> list[dict]:
    """A desktop, and in the light theme a phone too: the dark one's colours are the same on both."""
    return [{"color_scheme": theme}, *([{"color_scheme": theme, **PHONE}] if theme == "light" else [])]


@pytest.mark.parametrize("theme", THEMES)
def test_public_pages(open_page, theme):
    for options in contexts(theme):
        page = open_page("/", **options)
        for path in PUBLIC:
            page.goto(path)
            check(page)
        page.goto("/")
        draw(page, ZERO)
        expect(page.locator("[data-pad-digit]")).to_have_text("0")
        check(page)


def test_the_dark_bar_at_the_foot_of_a_phone(open_page):
    check(open_page("/runs/", guest=True, color_scheme="dark", **PHONE))


@pytest.mark.parametrize("theme", THEMES)
def test_ones_own_pages_empty_busy_and_done(open_page, theme):
    for options in contexts(theme):
        page = open_page("/runs/", guest=True, **options)
        check(page)
        start(page, **LONG)
        expect(page.locator("#run-state")).to_contain_text("running")
        page.get_by_role("button", name="Pause").click()
        expect(page.locator("#run-state")).to_contain_text("paused")
        check(page)
        page.get_by_role("button", name="Resume").click()
        stop(page)
        check(page)
        for path in OWN:
            page.goto(path)
            check(page)
        page.goto("/train/")
        page.fill("[name=layer-0-units]", "9000")
        page.get_by_role("button", name="Start training").click()
        expect(page.locator("#error-layer-0-units")).to_contain_text("at most")
        check(page)


@pytest.mark.parametrize("theme", THEMES)
def test_the_form_with_every_part_open(open_page, theme):
    for options in contexts(theme):
        page = open_page("/train/", guest=True, **options)
        page.get_by_role("button", name="LeNet-like CNN").click()
        page.get_by_role("button", name="Strong", exact=True).click()
        expect(page.locator(".augmentation-preview img")).to_have_count(2)
        page.get_by_role("button", name="Remove Flatten").click()
        expect(page.get_by_role("button", name="Put Flatten before it")).to_be_visible()
        for fold in page.locator("summary").all():
            fold.click()
        page.select_option("[name=schedule]", "step")
        page.select_option("[name=optimizer]", "adadelta")
        expect(page.locator("[name=rho]")).to_be_visible()
        check(page)
        page.get_by_role("button", name="Add a layer").last.click()
        expect(page.locator(".menu:popover-open")).to_be_visible()
        check(page, ".menu:popover-open")


def test_on_a_phone_a_long_reason_wraps(open_page):
    page = open_page("/train/", guest=True, viewport={"width": 360, "height": 740})
    page.select_option("[name=dataset]", "kmnist")  # which nobody may download here
    page.get_by_role("button", name="Start training").click()
    expect(page.locator("#run-result")).to_contain_text("The run failed.")
    expect(page.get_by_role("button", name="Train again")).to_be_visible()
    for part in ("#run-progress p", "#run-result p"):
        page.locator(part).first.evaluate("element => element.append(` ${'f'.repeat(64)}`)")  # a checksum
    check(page)


def test_a_training_is_started_and_stopped_by_keyboard_alone(open_page):
    page = open_page("/train/", guest=True)
    page.locator("[name=epochs]").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("1000")
    page.keyboard.press("Enter")
    page.wait_for_url("**/runs/*/")
    expect(page.locator("#run-state")).to_contain_text("running")
    page.keyboard.press(" ")
    expect(page.locator("#run-state")).to_contain_text("paused")
    page.keyboard.press(" ")
    expect(page.locator("#run-state")).not_to_contain_text("paused")
    page.get_by_role("button", name="Stop and keep").focus()
    page.keyboard.press("Enter")
    finish(page)


def test_news_take_no_button_from_under_the_fingers(open_page):
    page = open_page(guest=True)
    start(page, **LONG)
    expect(page.locator("#run-state")).to_contain_text("running")
    page.get_by_role("button", name="Stop and keep").focus()
    # The status changes twice, as told from elsewhere: paused, then in line and running again.
    address = re.search(r"/runs/\d+/", page.url).group()
    for action, seen in (("pause", "paused"), ("resume", "running")):
        page.evaluate("(url) => htmx.ajax('POST', url, { swap: 'none' })", f"{address}{action}/")
        expect(page.locator("#run-progress .badge")).to_contain_text(seen)
        expect(page.locator("#run-stop")).to_be_focused()
    page.keyboard.press("Enter")
    finish(page)


def more(page: Page, selector: str, than: int) -> None:
    """Wait until a training has added so many that there are more, as long as it adds any."""
    count = page.locator(selector).count
    wait_while_it_moves(lambda: count() > than, count, what=f"more than {than} {selector}")


def test_the_curves_log_axes_and_zoom_survive_new_points(open_page):
    page = open_page(guest=True)
    start(page, **LONG)
    expect(page.locator("[data-table] tr")).not_to_have_count(0)
    more(page, "[data-table] tr", 2)
    highest = "Chart.getChart(document.querySelector('[data-chart=loss]')).scales.y.max"
    assert page.evaluate(highest) < 2, "what it learns shows, though it began at 2.3"
    page.get_by_label("Logarithmic axes").check()
    scales = "[...document.querySelectorAll('[data-chart]')].map((c) => Chart.getChart(c).scales.y.type)"
    assert page.evaluate(scales) == ["logarithmic", "logarithmic"]
    box = page.locator("[data-chart=loss]").bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.4, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.8, middle, steps=4)
    page.mouse.up()
    limits = """() => {
        const { min, max } = Chart.getChart(document.querySelector('[data-chart=loss]')).scales.x;
        return [min, max];
    }"""
    zoomed = page.evaluate(limits)
    assert zoomed[0] > 0
    rows = page.locator("[data-table] tr").count()
    more(page, "[data-table] tr", rows + 1)
    assert page.evaluate(limits) == zoomed
    page.keyboard.press("Escape")
    assert page.evaluate(limits)[0] == 0
    more(page, "#run-log li", 25)
    hidden = "(log) => log.scrollHeight - log.scrollTop - log.clientHeight"
    assert page.locator("#run-log").evaluate(hidden) < 2, "the newest line is in sight"
    page.locator("#run-log").evaluate("(log) => log.scrollTo(0, 0)")
    lines = page.locator("#run-log li").count()
    more(page, "#run-log li", lines + 1)
    assert page.locator("#run-log").evaluate("(log) => log.scrollTop") == 0, "who reads above stays there"
    stop(page)


def test_under_the_pointer_a_chart_reads_out_all_its_series(open_page):
    page = open_page(guest=True)
    start(page, **QUICK)
    finish(page)
    page.locator("[data-chart=loss]").hover()
    lines = """() => {
        const { tooltip } = Chart.getChart(document.querySelector('[data-chart=loss]'));
        return tooltip.opacity ? tooltip.body.flatMap((part) => part.lines).map((line) => line.split(' ')[0]) : [];
    }"""
    page.wait_for_function(f"({lines})().length === 2")
    assert page.evaluate(lines) == ["training", "validation"]


def test_a_run_of_a_phone(open_page):
    page = open_page(guest=True, viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    start(page, **QUICK)
    finish(page)
    page.goto("/runs/")
    expect(page.locator(".runs")).to_contain_text("finished")
    assert page.locator(".runs .badge svg").bounding_box()["width"] == 10, (
        "a status is told by more than its colour"
    )
