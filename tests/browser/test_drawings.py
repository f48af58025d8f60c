"""What one does with a drawing: pin it and watch a run learn it, have several networks read it."""

import re

from playwright.sync_api import expect

from tests.browser.test_access import check
from tests.browser.test_walk import QUICK, ZERO, draw, finish, start


def test_a_pinned_drawing_is_read_epoch_by_epoch(open_page):
    page = open_page("/draw/", guest=True)
    pin = page.get_by_role("button", name="Pin this drawing")
    expect(pin).to_have_attribute("aria-disabled", "true")
    pin.click(force=True)
    expect(page.locator("#pin-error")).to_contain_text("draw something first")
    draw(page, ZERO)
    page.get_by_role("button", name="Pin this drawing").click()
    expect(page.get_by_alt_text("Your pinned drawing")).to_be_visible()
    check(page)

    page.goto("/train/")
    start(page, **QUICK | {"epochs": "6"}, name="learns a nought")
    finish(page)
    pinned = page.locator("#pinned")
    expect(pinned.locator("[data-pinned-when]")).to_have_text("After epoch 6")
    last = pinned.locator("[data-pad-percent]").all_text_contents()
    slider = pinned.get_by_role("slider", name="Epoch")
    slider.press("Home")
    expect(pinned.locator("[data-pinned-when]")).to_have_text("Before the training")
    assert pinned.locator("[data-pad-percent]").all_text_contents() != last
    slider.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", re.compile("After epoch 1: "))
    pinned.get_by_text("The same as a table").click()
    expect(pinned.locator("tbody[data-pinned-table] tr")).to_have_count(7)
    check(page)
    page.reload()
    assert page.locator("#pinned [data-pad-percent]").all_text_contents() == last

    page.goto("/draw/")
    page.get_by_role("button", name="Unpin").click()
    expect(page.get_by_role("heading", name="Pin a drawing")).to_be_visible()


def test_several_networks_read_one_drawing(open_page):
    page = open_page(guest=True)
    poor = {"training_images": "500", "layer-0-units": "4", "epochs": "1", "name": "poor"}
    start(page, **QUICK | poor)
    finish(page)
    page.goto("/draw/")
    page.get_by_role("link", name="Compare networks").click()
    page.get_by_label("Network to add").select_option(index=1)  # behind the other starter
    page.get_by_role("button", name="Add").click()
    columns = page.locator("[data-beside-column]")
    expect(columns).to_have_count(2)
    draw(page, ZERO)
    expect(columns.locator("[data-beside-digit]")).to_have_text([re.compile(r"\d"), re.compile(r"\d")])
    expect(columns.nth(0).locator("[data-beside-digit]")).to_have_text("0")
    words = page.locator("[data-beside-words]")
    expect(words).to_have_text(
        re.compile("^Both read a 0|^≠ They disagree: Starter network reads a 0, poor reads")
    )
    check(page)

    expect(page).to_have_url(re.compile(r"/draw/\?with=starter&with=\d+$"))
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{page.url}&with=999999")
    expect(columns).to_have_count(2)
    expect(page.locator("#side-by-side [role=alert]")).to_contain_text("1 of these networks is not yours")
    check(page)
    page.get_by_role("link", name="Remove poor").click()
    expect(columns).to_have_count(1)
    expect(page).to_have_url(re.compile(r"/draw/\?with=starter$"))


def test_a_question_mark_lists_the_keys(open_page):
    page = open_page("/draw/")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys on this page")).to_be_visible()
    check(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
