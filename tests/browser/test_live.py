"""A line that is dead and doesn't know it: the page notices, says so and connects again."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_walk import LONG, start, stop
from tests.waiting import wait_until

SAY_IT_LATER = """
() => {
  const notice = document.getElementById("connection");
  new MutationObserver(() => { window.said ||= notice.textContent; }).observe(notice, { childList: true });
  const now = Date.now;
  Date.now = () => now() + 40_000;
}
"""


@pytest.fixture
def silent(open_page):
    """The page of a run, whose first socket hears nothing any more, and all sockets that it opens."""
    page = open_page(guest=True, expect_errors=("WebSocket",))
    sockets, is_silent = [], []

    def route(socket):
        sockets.append(socket)
        server = socket.connect_to_server()
        server.on_message(
            lambda message: socket.send(message) if socket is not sockets[0] or not is_silent else None
        )

    page.route_web_socket("**/ws/runs/*/*", route)
    start(page, **LONG)
    expect(page.locator("#run-state")).to_contain_text("running")
    is_silent.append(True)
    assert len(sockets) == 1
    return page, sockets


def progress(page: Page) -> str:
    return page.locator("#run-progress").get_attribute("data-percent") or ""


def test_a_silent_socket_is_given_up(silent):
    page, sockets = silent
    page.evaluate(SAY_IT_LATER)
    # It may stand there for a moment only.
    assert "training goes on" in wait_until(lambda: page.evaluate("() => window.said"))
    expect(page.locator("#connection")).to_be_empty()
    assert len(sockets) == 2
    expect(page.locator("#run-progress")).not_to_have_attribute("data-percent", progress(page))
    stop(page)


@pytest.mark.parametrize(
    "event",
    [
        "window.dispatchEvent(new Event('online'))",
        "const now = Date.now; Date.now = () => now() + 25_000; document.dispatchEvent(new Event('visibilitychange'))",
    ],
)
def test_back_in_the_net_or_in_the_tab_the_page_connects_at_once(silent, event):
    page, sockets = silent
    page.evaluate(f"() => {{ {event}; }}")
    expect(page.locator("#run-progress")).not_to_have_attribute("data-percent", progress(page))
    assert len(sockets) == 2
    stop(page)


def test_offline_the_page_says_so_wherever_it_is_scrolled(silent):
    page, _ = silent
    page.evaluate("() => window.scrollTo(0, document.body.scrollHeight)")
    page.evaluate("() => window.dispatchEvent(new Event('offline'))")
    expect(page.locator("#connection")).to_be_in_viewport()
    stop(page)


def test_news_take_the_notice_away(open_page):
    page = open_page(guest=True)
    start(page, **LONG)
    expect(page.locator("#run-state")).to_contain_text("running")
    page.evaluate("() => window.dispatchEvent(new Event('offline'))")
    expect(page.locator("#connection")).to_be_empty()
    stop(page)
