"""What the first page that these tests opened has to say at their end."""

import time

from playwright.sync_api import expect

from tests.browser.conftest import Idle
from tests.browser.test_walk import stop


def test_a_socket_that_idled_for_a_minute_still_receives(idle: Idle):
    # Twelve times the socket time-out of redis-py; the other tests have passed most of it.
    idle.page.wait_for_timeout(max(0, 60 - (time.monotonic() - idle.since)) * 1000)
    other = idle.page.context.new_page()
    other.goto(idle.page.url)
    other.get_by_role("button", name="Resume").click()
    expect(idle.page.locator("#run-state")).to_contain_text("running")
    stop(idle.page)
