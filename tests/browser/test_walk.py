"""A newcomer's way through the application, on real data, in a real browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.stack import PASSWORD, Stack
from tests.waiting import wait_until, wait_while_it_moves

# Strokes in shares of the pad's side.
ONE = [[(0.55, 0.2), (0.5, 0.5), (0.45, 0.8)]]
ZERO = [
    [
        (0.5, 0.2),
        (0.35, 0.3),
        (0.3, 0.5),
        (0.35, 0.7),
        (0.5, 0.8),
        (0.65, 0.7),
        (0.7, 0.5),
        (0.65, 0.3),
        (0.5, 0.2),
    ]
]


def draw(page: Page, strokes: list[list[tuple[float, float]]]) -> None:
    canvas = page.locator("[data-pad-canvas]")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    for stroke in strokes:
        (x, y), *rest = [(box["x"] + u * box["width"], box["y"] + v * box["height"]) for u, v in stroke]
        page.mouse.move(x, y)
        page.mouse.down()
        for x, y in rest:
            page.mouse.move(x, y, steps=5)
        page.mouse.up()


def start(page: Page, **fields: str) -> None:
    """Fill the form of a new run, folded parts too, and start it."""
    page.goto("/train/")
    for name, value in fields.items():
        field = page.locator(f"[name={name}]")
        if not field.is_visible():
            field.locator("xpath=ancestor::details/summary").click()
        if field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    page.get_by_role("button", name="Start training").click()
    page.wait_for_url(re.compile(r"/runs/\d+/"))


QUICK = {"training_images": "1500", "batch_size": "50", "epochs": "3"}
# Goes on until it is stopped: far longer than any test.
LONG = {"training_images": "1500", "batch_size": "5", "epochs": "1000"}


def finish(page: Page) -> None:
    """Wait for the run's result, as long as the page shows that the run moves."""
    wait_while_it_moves(
        page.locator("#run-result .figure").is_visible,
        page.locator("#run-state, #run-progress").all_inner_texts,
        what="the run's result",
    )


def stop(page: Page) -> None:
    page.get_by_role("button", name="Stop and keep").click()
    finish(page)


@pytest.mark.parametrize(("strokes", "digit"), [(ONE, "1"), (ZERO, "0")])
def test_the_landing_page_recognises_a_digit_before_any_sign_up(open_page, strokes, digit):
    page = open_page("/")
    draw(page, strokes)
    expect(page.locator("[data-pad-digit]")).to_have_text(digit)
    expect(page.locator("[data-pad-bar]")).to_have_count(10)
    expect(page.locator("[data-pad-status]")).to_contain_text(digit)


def test_the_page_and_the_server_read_the_same_pixels_alike(open_page):
    page = open_page("/")
    page.evaluate(
        """() => document.querySelector('[data-pad]')
            .addEventListener('pad:prediction', (e) => window.last = e.detail)"""
    )
    draw(page, ZERO)
    expect(page.locator("[data-pad-digit]")).to_have_text("0")
    apart = page.evaluate("""async () => {
        const token = document.querySelector('[name=csrfmiddlewaretoken]').value;
        const answer = await fetch('/networks/starter/predict/',
            {method: 'POST', body: window.last.pixels, headers: {'X-CSRFToken': token}});
        const theirs = (await answer.json()).probabilities;
        return Math.max(...theirs.map((p, i) => Math.abs(p - window.last.probabilities[i])));
    }""")
    assert apart < 1e-5


def test_a_guest_trains_in_two_clicks_and_sees_it_live(open_page):
    page = open_page(guest=True)
    page.get_by_role("button", name="Start training").click()
    # On the few digits that stand in for MNIST it has ended before one can look.
    expect(page.locator("#run-state")).to_contain_text(re.compile("left|All epochs trained"))
    expect(page.locator("[data-curves]")).to_be_visible()
    finish(page)
    expect(page.locator("#run-state")).to_contain_text("finished")
    expect(page.locator(".confusion tbody tr")).to_have_count(10)
    assert "Run 1 · TryML" in page.title()


def test_while_one_types_the_network_is_weighed_and_mistakes_are_named(open_page):
    page = open_page(guest=True)
    page.fill("[name=layer-0-units]", "300")
    page.fill("[name=layer-1-units]", "100")
    expect(page.locator("#check")).to_contain_text("266,610")
    page.fill("[name=layer-1-units]", "9000")
    expect(page.locator("#error-layer-1-units")).to_contain_text("at most 4,096")
    expect(page.locator("[name=layer-1-units]")).to_be_focused()
    page.fill("[name=learning_rate]", "fast")
    expect(page.locator("#error-learning_rate")).to_contain_text("Enter a number")
    page.get_by_role("button", name="Start training").click()
    expect(page.locator("[name=layer-1-units][aria-invalid=true]")).to_have_value("9000")
    expect(page.locator("#error-layer-1-units")).to_contain_text("at most 4,096")
    expect(page.locator("[name=learning_rate]")).to_have_value("fast")


def table(page: Page) -> list[str]:
    return page.locator("[data-table] tr").all_text_contents()


def test_a_run_pauses_goes_on_and_two_tabs_stay_in_step(open_page):
    page = open_page(guest=True)
    start(page, **LONG)
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("#run-state")).to_contain_text("paused")
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.locator("#run-state")).to_contain_text("paused")
    assert table(other) == table(page) != []
    other.get_by_role("button", name="Resume").click()
    expect(page.locator("#run-state")).to_contain_text("running")
    before = page.locator("#run-progress").get_attribute("data-percent")
    expect(page.locator("#run-progress")).not_to_have_attribute("data-percent", before or "")
    stop(other)
    expect(page.locator("#run-state")).to_contain_text("stopped")
    expect(other.locator("#run-state")).to_contain_text("Stopped by you")
    wait_until(lambda: table(other) == table(page), what="equal curves in both tabs")
    page.reload()
    assert table(page) == table(other)


def test_a_tab_that_was_closed_finds_the_whole_curve(open_page):
    page = open_page(guest=True)
    start(page, **LONG)
    url, context = page.url, page.context
    expect(page.locator("#run-state")).to_contain_text("running")
    page.close()
    again = context.new_page()
    again.goto(url)
    expect(again.locator("#run-state")).to_contain_text("running")
    stop(again)
    epochs = [float(re.match(r"[\d.]+", row.strip())[0]) for row in epoch_cells(again)]
    assert epochs == list(range(len(epochs))), "no gap"


def epoch_cells(page: Page) -> list[str]:
    """The whole epochs of the curves' table: a run that is stopped has a last point where it was stopped."""
    cells = page.locator("[data-table] tr td:first-child").all_text_contents()
    return [text for text in cells if text.strip().isdecimal()]


def test_runs_wait_in_line_and_see_their_place(open_page):
    page = open_page(guest=True)
    start(page, **LONG)
    expect(page.locator("#run-state")).to_contain_text("running")
    first, context = page, page.context
    second, others = context.new_page(), open_page(guest=True)
    start(second, **QUICK)
    expect(second.locator("#run-state")).to_contain_text("next in line")
    start(others, **QUICK)
    # Nothing of theirs trains yet.
    expect(others.locator("#run-state")).to_contain_text("next in line")
    expect(second.locator("#run-state")).to_contain_text("2nd in line")
    others.get_by_role("button", name="Stop and keep").click()
    expect(second.locator("#run-state")).to_contain_text("next in line")
    stop(first)
    finish(second)


def test_a_run_is_renamed_noted_found_in_the_history_and_deleted(open_page):
    page = open_page(guest=True)
    start(page, **QUICK, experiment="Depth", name="shallow")
    finish(page)
    page.get_by_role("link", name="Name and note").click()
    page.fill("[name=name]", "one layer")
    page.fill("[name=note]", "Wide enough?")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("h1")).to_have_text("one layer")
    expect(page.get_by_text("Wide enough?")).to_be_visible()
    page.goto("/runs/")
    row = page.locator(".runs tbody tr")
    expect(row).to_contain_text("finished")
    expect(row).to_contain_text("one layer")
    expect(page.locator("h2")).to_have_text("Depth")
    row.get_by_role("link").click()
    page.get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.locator(".runs tbody tr")).to_have_text("No runs yet.")


def test_the_list_of_runs_follows_a_training(open_page):
    page = open_page(guest=True)
    start(page, **LONG)
    listed = page.context.new_page()
    listed.goto("/runs/")
    expect(listed.locator(".runs tbody tr")).to_contain_text("left")
    stop(page)
    expect(listed.locator(".runs tbody tr")).to_contain_text("stopped")


def test_ones_own_network_reads_ones_drawing(open_page):
    page = open_page(guest=True)
    start(page, **QUICK, name="reader")
    finish(page)
    page.get_by_role("link", name="Draw with it").click()
    expect(page.locator("[data-network-picker] option:checked")).to_contain_text("reader")
    expect(page.locator("[data-pad-network]")).to_contain_text("reader")
    draw(page, ONE)
    expect(page.locator("[data-pad-digit]")).to_have_text(re.compile(r"\d"))
    page.select_option("[data-network-picker]", "starter")
    expect(page.locator("[data-pad-digit]")).to_have_text("1")


def test_digits_are_browsed_by_label_and_index_and_judged(open_page):
    page = open_page("/digits/")
    expect(page.locator(".tile")).to_have_count(100)
    seven = page.get_by_role("navigation", name="Label").get_by_text("7")
    seven.click()
    expect(seven).to_have_attribute("aria-current", "true")
    expect(page.locator(".tile img").first).to_have_attribute("alt", re.compile("^7,"))
    expect(page.locator("[data-score]")).to_contain_text("read rightly")
    page.fill("[name=index]", "42")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("#digit")).to_contain_text("Test image 42")
    expect(page.locator("[data-verdict]")).to_have_text(re.compile("right|wrong"))
    page.keyboard.press("Escape")
    page.locator("body").click(position={"x": 700, "y": 5})
    page.keyboard.press("ArrowRight")
    expect(page.locator("#digit")).to_contain_text("Test image 43")


def test_an_index_beyond_the_last_names_the_limit(open_page):
    page = open_page("/digits/")
    with page.expect_response("**/digits/?*"):
        page.goto("/digits/?index=99999")
    expect(page.locator("#error-index")).to_contain_text("whole number from 0 to")


def test_preferences_apply_at_once_and_last(open_page):
    page = open_page("/preferences/", guest=True, color_scheme="light")
    page.get_by_label("Dark").check()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_label("Logarithmic axes").check()
    page.locator("#training-defaults [name=layer-0-units]").fill("48")
    page.get_by_role("button", name="Save training defaults").click()
    expect(page.locator("#training-defaults")).to_contain_text("Saved")
    page.goto("/train/")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("[name=layer-0-units]")).to_have_value("48")
    start(page, **QUICK)
    expect(page.locator("[data-log-switch]")).to_be_checked()
    finish(page)


def test_a_guest_who_signs_up_keeps_every_run_and_finds_them_elsewhere(open_page):
    page = open_page(guest=True)
    start(page, **QUICK, name="mine")
    finish(page)
    page.goto("/accounts/signup/")
    page.fill("[name=username]", "newcomer")
    page.fill("[name=password1]", PASSWORD)
    page.fill("[name=password2]", PASSWORD)
    page.locator("main form button.primary").click()
    page.goto("/runs/")
    expect(page.locator(".runs")).to_contain_text("mine")
    elsewhere = open_page("/accounts/login/")
    elsewhere.fill("[name=login]", "newcomer")
    elsewhere.fill("[name=password]", PASSWORD)
    elsewhere.locator("main form button.primary").first.click()
    elsewhere.wait_for_url("**/runs/")
    expect(elsewhere.locator(".runs")).to_contain_text("mine")


def test_an_administrator_sees_runs_with_curves_events_and_logs(open_page, stack: Stack):
    page = open_page(guest=True)
    start(page, **QUICK, name="watched")
    finish(page)
    stack.command("createadmin", TRYML_ADMIN_USERNAME="boss", TRYML_ADMIN_PASSWORD=PASSWORD)
    admin = open_page("/admin/")
    admin.fill("[name=login]", "boss")
    admin.fill("[name=password]", PASSWORD)
    admin.locator("main form button.primary").first.click()
    admin.wait_for_url("**/admin/")
    admin.goto("/admin/training/run/?q=watched")
    admin.locator("#result_list").get_by_role("link", name="watched").click()
    expect(admin.locator("#content")).to_contain_text("learning_rate")
    admin.goto("/admin/monitoring/event/?q=watched")
    expect(admin.locator("#result_list")).to_contain_text("watched")
    admin.goto("/admin/monitoring/logrecord/")
    expect(admin.locator("#result_list")).to_be_visible()
