"""Measures the delay from a pointer event to the ten bars while drawing, on one core."""

import os
import random
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import django
import psutil
from django.template.loader import render_to_string
from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import STATIC, QuietHandler, launch
from training.ml import formats
from training.ml.config.architecture import OUTPUT
from training.ml.config.templates import dense
from training.ml.nn import Network

MOVES = 400
ROUND = 40  # moves per stroke
FRAME = 1 / 60  # seconds
BARS = {"MLP": 16.0, "CNN": 50.0}  # ms
CNN = (
    {"type": "conv2d", "filters": 24, "kernel_size": 5},
    {"type": "max_pooling", "pool_size": 2},
    {"type": "conv2d", "filters": 48, "kernel_size": 5},
    {"type": "max_pooling", "pool_size": 2},
    {"type": "flatten"},
    *dense(128),
)
PAGE = """<!doctype html>
<html lang="en" data-theme="light">
  <head>
    <title>Pad</title>
    <link rel="stylesheet" href="/css/tokens.css">
    <link rel="stylesheet" href="/css/elements.css">
    <link rel="stylesheet" href="/css/layout.css">
    <link rel="stylesheet" href="/css/controls.css">
    <link rel="stylesheet" href="/css/status.css">
    <link rel="stylesheet" href="/css/draw/pad.css">
    <script type="module" src="/js/draw/pad.js"></script>
  </head>
  <body><main class="content">{pad}</main></body>
</html>"""
# Notes for each pointer event when the browser got it, when the page got it, and when the frame with its bars was
# painted. A message posted while a frame is made arrives once that frame is painted.
WATCH = """
() => {
  window.times = [];
  let pending = [];
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    const painted = performance.now();
    for (const [got, seen] of pending) times.push([got, seen, painted]);
    pending = [];
  };
  const drew = ({ buttons, timeStamp }) => buttons && pending.push([timeStamp, performance.now()]);
  addEventListener("pointermove", drew, true);
  addEventListener("pad:prediction", () => port2.postMessage(0));
}
"""


def rows() -> list[dict[str, Any]]:
    """Return the delays for the starter network and a CNN, with and without the browser's wait for the next frame."""
    django.setup()
    networks = {
        "MLP": (STATIC / "networks" / "starter.safetensors").read_bytes(),
        "CNN": formats.dump(Network.initialized([*CNN, OUTPUT], "he_normal", 0), {}),
    }
    with _static() as url, sync_playwright() as playwright:
        with _on_one_core():
            browser = launch(playwright)
        try:
            return [
                row
                for name, data in networks.items()
                for row in _measured(name, _delays(browser.new_page(), url, data))
            ]
        finally:
            browser.close()


def _measured(name: str, times: list[tuple[float, float, float]]) -> list[dict[str, Any]]:
    page, frame = "from the page's event", "with the browser's wait for the screen's next frame"
    found = []
    for what, since, bar in ((page, 1, BARS[name]), (frame, 0, BARS[name] + 1000 * FRAME)):
        delays = [time[2] - time[since] for time in times]
        for share, figure in ((50, statistics.median(delays)), (95, statistics.quantiles(delays, n=20)[-1])):
            found.append(
                {
                    "case": f"{name}: pointer event to bars, {what}, p{share} of {len(delays)}",
                    "ours": round(figure, 1),
                    "peer": None,
                    "ratio": None,
                    "unit": "ms",
                    "bar": f"≤ {bar:.0f}",
                    "ok": figure <= bar,
                }
            )
    return found


def _delays(page: Page, url: str, network: bytes) -> list[tuple[float, float, float]]:
    """Return for each event when the browser got it, when the page got it, and when its bars were painted; in ms."""
    pad = render_to_string("digits/draw/_pad.html", {"network_url": "/network", "network_name": "network"})
    page.route("**/pad", lambda route: route.fulfill(body=PAGE.format(pad=pad), content_type="text/html"))
    page.route("**/network", lambda route: route.fulfill(body=network))
    page.goto(f"{url}/pad")
    page.locator("[data-pad-says]", has_text="Ready to read").wait_for()
    page.evaluate(WATCH)
    box = page.locator("[data-pad-canvas]").bounding_box()
    assert box
    chance = random.Random(0)
    x, y = 0.5, 0.5
    for move in range(MOVES):
        if move % ROUND == 0:
            page.mouse.up()
            page.keyboard.press("c")
            page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
            page.mouse.down()
        x, y = (min(max(at + chance.uniform(-0.06, 0.06), 0.05), 0.95) for at in (x, y))
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
        time.sleep(chance.uniform(0, FRAME))  # so that events come at any time within a frame
    page.wait_for_timeout(100)
    times: list[tuple[float, float, float]] = page.evaluate("times")
    page.close()
    return times


@contextmanager
def _static() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(STATIC)))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@contextmanager
def _on_one_core() -> Iterator[None]:
    """Give one core to a browser launched in the `with` block.

    The browser inherits it from Playwright's driver. At the end the driver gets all cores back: it moves the pointer.
    """
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    drivers = [child.pid for child in psutil.Process().children()]
    everything = os.sched_getaffinity(0)
    for driver in drivers:
        os.sched_setaffinity(driver, {max(everything)})
    yield
    for driver in drivers:
        if Path(f"/proc/{driver}").exists():
            os.sched_setaffinity(driver, everything)
