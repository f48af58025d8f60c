"""Workers that die, connections that break or idle: nothing is lost and no page is left behind."""

import os
import signal

import pytest
from playwright.sync_api import expect

from tests.browser.stack import Stack
from tests.browser.test_walk import LONG, QUICK, epoch_cells, finish, start, stop
from tests.waiting import wait_until, wait_while_it_moves

# Long enough to be killed in the middle, the same to the last bit every time.
REPEATABLE = {
    "training_images": "1500",
    "batch_size": "10",
    "epochs": "60",
    "l2": "0.0001",
}


def run_id(page) -> int:
    return int(page.url.rstrip("/").rpartition("/")[2])


def weights(stack: Stack, page) -> bytes:
    return stack.query("SELECT data FROM training_network WHERE run_id = %s", run_id(page))


def tensors(blob: bytes):
    """The numbers of a network without its name, which is in the file as well."""
    from training.ml import formats

    return formats.load(bytes(blob)).parameters.tobytes()


def test_a_worker_killed_in_mid_run_costs_nothing(open_page, stack: Stack):
    page = open_page(guest=True)
    start(page, **REPEATABLE)
    finish(page)
    undisturbed = tensors(weights(stack, page))
    address = page.url
    page.get_by_role("button", name="Train again").click()
    page.wait_for_url(lambda url: url != address)
    this = run_id(page)
    wait_while_it_moves(
        lambda: stack.query("SELECT step > 0 FROM training_checkpoint WHERE run_id = %s", this),
        lambda: stack.query("SELECT status, step FROM training_run WHERE id = %s", this),
        what="a checkpoint",
    )
    worker = stack.query("SELECT worker FROM training_run WHERE id = %s", this)
    os.kill(int(worker.rpartition(":")[2]), signal.SIGKILL)
    wait_until(
        lambda: stack.query("SELECT attempts = 2 FROM training_run WHERE id = %s", this),
        what="another attempt",
    )
    # Now, for the log shows only its last hundred lines.
    expect(page.locator("#run-log")).to_contain_text("vanished")
    finish(page)
    assert tensors(weights(stack, page)) == undisturbed


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_page_catches_up_when_the_web_process_was_restarted(open_page, stack: Stack, how):
    page = open_page(guest=True, expect_errors=("WebSocket", "[object Event]"))
    start(page, **LONG)
    expect(page.locator("#run-state")).to_contain_text("running")
    os.kill(stack.web(), how)
    expect(page.locator("#connection")).to_be_visible()
    expect(page.locator("#connection")).to_be_hidden()
    percent = page.locator("#run-progress").get_attribute("data-percent")
    expect(page.locator("#run-progress")).not_to_have_attribute("data-percent", percent or "")
    stop(page)
    epochs = [float(text) for text in epoch_cells(page)]
    assert epochs == list(range(len(epochs))), "no gap"


def test_two_people_train_side_by_side_and_see_only_their_own(open_page):
    one, two = open_page(guest=True), open_page(guest=True)
    start(one, **QUICK, name="first of one")
    start(two, **QUICK, name="first of two")
    finish(one)
    finish(two)
    one.goto("/runs/")
    two.goto("/runs/")
    expect(one.locator(".runs")).to_contain_text("first of one")
    expect(one.locator(".runs")).not_to_contain_text("first of two")
    assert one.request.get(two.url.replace("/runs/", "/runs/999999/")).status == 404
