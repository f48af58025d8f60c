"""A network that its owner shares reads on a page of another origin, without a connection, and out of one file."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import STATIC, QuietHandler
from tests.browser.test_walk import ONE, ZERO

PAGE = """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src {tryml}; connect-src {tryml}">
    <title>Elsewhere</title>
  </head>
  <body>{snippet}</body>
</html>"""


def draw(page: Page, strokes: list[list[tuple[float, float]]]) -> None:
    canvas = page.locator("tryml-digit canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    for stroke in strokes:
        for i, (u, v) in enumerate(stroke):
            page.mouse.move(box["x"] + u * box["width"], box["y"] + v * box["height"], steps=5)
            if i == 0:
                page.mouse.down()
        page.mouse.up()


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Puts a page on a server of its own, and says on which port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(tmp_path)))
    Thread(target=server.serve_forever, daemon=True).start()

    def put(page: str) -> str:
        (tmp_path / "index.html").write_text(page)
        return str(server.server_port)

    yield put
    server.shutdown()
    server.server_close()


def test_a_shared_network_reads_on_another_origin(open_page, host, stack, tmp_path):
    # given: a network of one's own
    page = open_page("/networks/", guest=True)
    page.set_input_files("[name=file]", STATIC / "networks" / "starter.safetensors")
    page.fill("[name=name]", "Reader")
    page.get_by_role("button", name="Import").click()
    page.get_by_role("link", name="Put Reader on a page").click()
    expect(page.locator("#help-quantised")).to_contain_text("instead of")

    # when: it is shared with one origin, after a mistake
    port = host("")
    page.fill("[name=origins]", f"http://127.0.0.1:{port}/page")
    page.get_by_role("button", name="Share it").click()
    expect(page.locator("#error-origins")).to_contain_text("with nothing behind it")
    page.fill("[name=origins]", f"http://127.0.0.1:{port}")
    page.get_by_label("Weights in 8 bits").check()
    page.get_by_role("button", name="Share it").click()

    # then: the preview reads, and choices change it and the snippet alike
    draw(page, ONE)
    expect(page.locator("tryml-digit .mark")).to_have_text("1")
    page.get_by_label("Large").check()
    page.get_by_label("Dark").check()
    expect(page.locator("[data-preview]")).to_have_attribute("theme", "dark")
    snippet = page.locator("[data-snippet]").text_content() or ""
    assert ' size="large" theme="dark"' in snippet
    assert Axe().run(page).response["violations"] == []

    # and: the snippet works on that origin, under a strict policy, and tells the page
    host(PAGE.format(tryml=stack.url, snippet=snippet))
    there = open_page(
        f"http://127.0.0.1:{port}/", expect_errors=("status of 404", "ERR_INTERNET_DISCONNECTED")
    )
    there.evaluate("addEventListener('tryml-prediction', ({ detail }) => (window.last = detail))")
    draw(there, ZERO)
    expect(there.locator("tryml-digit .mark")).to_have_text("0")
    assert there.evaluate("window.last.digit") == 0
    assert there.evaluate("window.last.strokes.length") == 1
    assert there.context.cookies(stack.url) == []

    # and: without a connection too, with the network loaded anew
    there.context.set_offline(True)
    there.evaluate("document.body.append(document.querySelector('tryml-digit'))")
    expect(there.locator("tryml-digit .mark")).to_have_text("0")
    there.evaluate("document.querySelector('tryml-digit').replaceWith(document.createElement('tryml-digit'))")
    key = re.search(r'network="([\w-]+)"', snippet)
    assert key
    there.evaluate(f"document.querySelector('tryml-digit').setAttribute('network', '{key[1]}')")
    draw(there, ONE)
    expect(there.locator("tryml-digit .mark")).to_have_text("1")

    # and: on another origin it says why not
    foreign = open_page(f"http://localhost:{port}/", expect_errors=("status of 403",))
    expect(foreign.locator("tryml-digit .detail")).to_have_text(
        f"This network's owner has not allowed it on http://localhost:{port}."
    )

    # and: as one file it needs nobody
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as one file").click()
    download.value.save_as(tmp_path / "reader.html")
    alone = open_page((tmp_path / "reader.html").as_uri(), offline=True)
    draw(alone, ZERO)
    expect(alone.locator("tryml-digit .mark")).to_have_text("0")

    # and: off again, it is gone everywhere
    page.get_by_role("button", name="Stop sharing").click()
    expect(page.get_by_role("heading", name="Not shared")).to_be_visible()
    there.context.set_offline(False)
    there.evaluate("document.body.append(document.querySelector('tryml-digit'))")
    expect(there.locator("tryml-digit .detail")).to_have_text("This network is not shared, or no longer.")
