"""Right or wrong: one key, and with consent the drawing is kept, counted and learnt."""

import re

from playwright.sync_api import Page, expect

from tests.browser.stack import PASSWORD
from tests.browser.test_access import check
from tests.browser.test_walk import ONE, ZERO, draw, finish

# A four that is closed at the top, as some people draw it: the starter network reads a 9.
FOUR = [[(0.64, 0.2), (0.4, 0.3), (0.38, 0.5), (0.62, 0.48)], [(0.64, 0.2), (0.6, 0.85)]]
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


def drawn(page: Page, strokes: list[list[tuple[float, float]]], digit: str) -> None:
    draw(page, strokes)
    expect(page.locator("[data-pad-digit]")).to_have_text(digit)
    expect(page.locator("[data-check-right]")).to_contain_text(f"Right, a {digit}")


def test_a_mistake_is_named_by_a_key_kept_with_consent_learnt_and_mended(open_page):
    page = open_page("/draw/")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    drawn(page, FOUR, "9")
    page.keyboard.press("4")
    question = page.get_by_role("group", name="Keep this drawing and its label?")
    expect(question).to_be_visible()
    check(page)
    assert not sent, "nothing leaves the page before consent"
    page.keyboard.press("Enter")  # on the button that has the focus: as a guest
    expect(page.locator("[data-kept]")).to_contain_text("Kept as a 4. 1 drawing in My digits.")
    expect(page.locator("[data-check-switch]")).to_be_checked()
    expect(page.locator("[data-pad-says]")).to_have_text("Ready to read")
    drawn(page, ZERO, "0")
    page.keyboard.press("y")
    expect(page.locator("[data-kept]")).to_contain_text("Kept as a 0. 2 drawings in My digits.")

    page.locator("[data-kept]").get_by_role("link", name="My digits").click()
    expect(page.locator(".mine-tiles li")).to_have_count(2)
    expect(page.locator(".mine-tiles .mark")).to_have_text(re.compile("✗ 9"))
    check(page)
    page.get_by_role("button", name="Learn my handwriting").click()
    page.wait_for_url(re.compile(r"/runs/\d+/"))
    finish(page)
    report = page.locator("#before-after")
    expect(report).to_contain_text("1 of 1 old mistake mended")
    expect(report.locator("tbody tr").first).to_contain_text(re.compile(r"1 of 2\s+2 of 2"))
    check(page)
    page.goto("/networks/")
    expect(page.get_by_role("link", name="2 of 2 of my digits").first).to_be_visible()


def test_drawings_are_chosen_relabelled_and_deleted(open_page):
    page = open_page("/draw/", guest=True, **PHONE)
    drawn(page, ONE, "1")
    page.locator("[data-check-right]").click()
    page.get_by_role("button", name="Keep it").click()
    expect(page.locator("[data-kept]")).to_contain_text("Kept as a 1.")
    page.goto("/drawings/")
    page.get_by_role("checkbox", name="A 1").check()
    page.select_option("#mine-label", "7")
    page.get_by_role("button", name="Relabel").click()
    expect(page.get_by_text("1 drawing is labelled 7 now.")).to_be_visible()
    page.get_by_role("link", name="✗ Mistakes 1").click()
    check(page)
    page.get_by_role("checkbox", name="A 7 read as ✗ 1").check()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("heading", name="None yet")).to_be_visible()


def test_an_answer_is_remembered_and_a_drawing_comes_back(open_page):
    page = open_page("/draw/", guest=True)
    drawn(page, ZERO, "0")
    page.locator("[data-network-picker]").focus()
    page.keyboard.press("6")
    expect(page.locator("[data-check-question]")).to_be_hidden()
    page.locator("[data-network-picker]").blur()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="No, keep none").click()
    expect(page.locator("[data-check-said]")).to_contain_text("Nothing was kept.")
    page.reload()
    expect(page.locator("[data-check-switch]")).not_to_be_checked()
    drawn(page, ZERO, "0")
    page.get_by_role("button", name="It is a 6").click()
    expect(page.locator("[data-check-said]")).to_contain_text("Not kept, as you chose.")
    page.locator("[data-check-switch]").check()
    expect(page.locator("[data-kept]")).to_contain_text("Kept as a 6.")
    page.locator("[data-check-undo]").get_by_role("button").click()
    expect(page.locator("[data-check-said]")).to_contain_text("back on the paper")
    expect(page.locator("[data-pad-digit]")).to_have_text("0")


def test_a_drawing_waits_while_one_signs_in(open_page):
    page = open_page("/accounts/signup/")
    page.fill("[name=username]", "penman")
    page.fill("[name=password1]", PASSWORD)
    page.fill("[name=password2]", PASSWORD)
    page.locator("main form button.primary").click()
    page.wait_for_url("**/runs/")
    page.context.clear_cookies()
    page.goto("/draw/")
    drawn(page, ZERO, "0")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Sign in first").click()
    page.fill("[name=login]", "penman")
    page.fill("[name=password]", PASSWORD)
    page.locator("main form button.primary").first.click()
    page.wait_for_url("**/draw/**")
    expect(page.locator("[data-kept]")).to_contain_text("Kept as a 0.")
