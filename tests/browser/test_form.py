"""The form of a new run in a real browser: layers edited by mouse and keyboard, nothing typed is lost."""

import re

from playwright.sync_api import Page, expect

from tests.browser.test_walk import QUICK, finish


def labels(page: Page) -> list[str]:
    return page.locator(".layer:not(.fixed) > .label-row .strong").all_text_contents()


def add(page: Page, place: int, label: str) -> None:
    page.locator(f"[popovertarget=add-{place}]").click()
    page.locator(f"#add-{place}").get_by_role("button", name=re.compile(f"^{label} ")).click()
    expect(page.locator(f"#layer-{place} > .label-row .strong")).to_have_text(label)


def start_here(page: Page) -> None:
    for name, value in QUICK.items():
        page.fill(f"[name={name}]", value)
    page.get_by_role("button", name="Start training").click()
    finish(page)


def test_layers_are_added_moved_and_removed_with_all_that_was_typed(open_page):
    page = open_page("/train/", guest=True)
    page.fill("[name=name]", "kept")
    page.fill("[name=layer-1-units]", "12x")
    add(page, 1, "Dropout")
    expect(page.locator("#layer-1")).to_be_focused()
    page.fill("[name=layer-1-rate]", "0.3")
    expect(page.locator("[name=layer-2-units]")).to_have_value("12x")
    expect(page.locator("#error-layer-2-units")).to_have_text("Enter a whole number.")
    page.get_by_role("button", name="Move Dense, layer 3, up").click()
    expect(page.locator("[name=layer-1-units]")).to_have_value("12x")
    expect(page.locator("[name=layer-2-rate]")).to_have_value("0.3")
    page.get_by_role("button", name="Remove Dense, layer 2").click()
    expect(page.locator(".layer:not(.fixed)")).to_have_count(2)
    assert labels(page) == ["Dense", "Dropout"]
    expect(page.locator("#layer-1")).to_be_focused()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("[name=layer-1-units]")).to_have_value("12x")
    expect(page.locator("[name=name]")).to_have_value("kept")


def test_the_list_is_edited_by_keyboard_alone(open_page):
    page = open_page("/train/", guest=True)
    page.locator("[popovertarget=add-2]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#add-2")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#add-2")).to_be_hidden()
    expect(page.locator("[popovertarget=add-2]")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#layer-2")).to_be_focused()
    page.fill("[name=layer-2-units]", "30")
    for place in (1, 0):
        page.get_by_role("button", name=f"Move Dense, layer {place + 2}, up").focus()
        page.keyboard.press("Enter")
        name = f"Move Dense, layer {place + 1}, {'up' if place else 'down'}"
        expect(page.locator(f"[name=layer-{place}-units]")).to_have_value("30")
        expect(page.get_by_role("button", name=name)).to_be_focused()


def test_a_template_is_marked_undone_and_a_shape_mended(open_page):
    page = open_page("/train/", guest=True)
    page.fill("[name=layer-0-units]", "77")
    template = page.get_by_role("button", name="Keras example CNN")
    template.click()
    expect(template).to_have_attribute("aria-pressed", "true")
    expect(template).to_be_focused()
    expect(page.locator("#check")).to_contain_text("34,826")
    expect(page.locator("#layer-1-comes")).to_contain_text("26×26×32 · 320 parameters")
    page.get_by_role("button", name="Remove Flatten").click()
    expect(page.locator("#layer-5-problem")).to_contain_text("put Flatten before it")
    page.get_by_role("button", name="Put Flatten before it").click()
    expect(page.get_by_role("button", name="Put Flatten before it")).to_have_count(0)
    expect(page.locator("#layer-7-problem")).to_have_count(0)
    page.get_by_role("button", name="MLP").click()
    expect(page.locator(".layer:not(.fixed)")).to_have_count(2)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".layer:not(.fixed)")).to_have_count(6)


def test_only_what_counts_is_in_view_and_the_schedule_is_drawn(open_page):
    page = open_page("/train/", guest=True)
    expect(page.locator("[name=decay_rate]")).to_be_hidden()
    line = page.locator("#schedule polyline")
    constant = line.get_attribute("points")
    page.select_option("[name=schedule]", "exponential")
    expect(page.locator("[name=decay_rate]")).to_be_visible()
    expect(page.locator("#schedule")).to_contain_text("falls from 0.001")
    assert line.get_attribute("points") != constant
    page.fill("[name=decay_rate]", "x")
    expect(page.locator("#error-decay_rate")).to_have_text("Enter a number.")
    page.select_option("[name=schedule]", "cosine")
    # As long as something is wrong with it.
    expect(page.locator("[name=decay_rate]")).to_be_visible()
    expect(page.locator("#fold-learning")).to_contain_text("beta 1")
    page.select_option("[name=optimizer]", "momentum")
    expect(page.locator("#fold-learning")).to_contain_text("momentum, warm-up")


def test_augmentation_follows_its_sliders(open_page):
    page = open_page("/train/", guest=True)
    light = page.get_by_role("button", name="Light", exact=True)
    light.click()
    expect(light).to_have_attribute("aria-pressed", "true")
    expect(light).to_be_focused()
    variants = page.locator(".augmentation-preview img").last
    expect(variants).to_be_visible()
    before = variants.get_attribute("src")
    page.get_by_role("button", name="Roll again").click()
    expect(variants).not_to_have_attribute("src", before or "")
    page.locator("summary", has_text="Amounts").click()
    slider = page.locator("[name=augment_rotate]")
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("output[for=id_augment_rotate]")).to_have_text("± 9 °")
    expect(light).to_have_attribute("aria-pressed", "false")
    expect(slider).to_be_focused()
    page.get_by_role("button", name="None", exact=True).click()
    expect(page.locator("output[for=id_augment_rotate]")).to_have_text("none")
    expect(page.locator(".augmentation-preview")).to_have_count(0)


def test_a_run_starts_from_ones_own_network_and_ones_layers_come_back(open_page):
    page = open_page("/train/", guest=True)
    page.fill("[name=layer-0-units]", "24")
    start_here(page)
    page.goto("/train/")
    page.fill("[name=layer-0-units]", "55")
    page.locator("[name=initial_network]").select_option(index=1)
    expect(page.locator("#layers")).to_contain_text("stay as they are")
    expect(page.locator("#layer-0")).to_contain_text("24")
    expect(page.locator("#layer-1-comes")).to_contain_text("a row of 24")
    page.locator("[name=initial_network]").select_option(index=0)
    expect(page.locator("[name=layer-0-units]")).to_have_value("55")


def test_without_scripts_the_form_works_too(open_page):
    page = open_page("/train/", guest=True, java_script_enabled=False)
    page.fill("[name=name]", "kept")
    page.get_by_role("button", name="Row-by-row GRU").click()
    expect(page.locator("[name=layer-0-units]")).to_have_value("128")
    expect(page.locator("[name=name]")).to_have_value("kept")
    page.locator("[popovertarget=add-0]").click()
    page.locator("#add-0").get_by_role("button", name="Dropout").click()
    expect(page.locator("[name=layer-0-rate]")).to_have_value("0.5")
    page.fill("[name=epochs]", "many")
    page.locator("[name=epochs]").press("Enter")
    expect(page.locator("#error-epochs")).to_have_text("Enter a whole number.")
    expect(page.locator("[name=layer-1-units]")).to_have_value("128")


def test_a_convolutional_network_is_trained(open_page):
    page = open_page("/train/", guest=True)
    page.get_by_role("button", name="LeNet-like CNN").click()
    expect(page.locator("[name=layer-0-filters]")).to_have_value("6")
    start_here(page)
