"""Measures what the running application adds to the bare engine: a run's time, and the delay until a page shows it."""

import statistics
import subprocess
import sys
import time
from threading import Thread
from typing import Any

import redis
from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import launch
from tests.browser.stack import ROOT, Stack
from tests.browser.test_walk import LONG, start
from tryml import servers

ROUNDS = 10
OVERHEAD = 1.05
DELAY = 150.0  # ms
WATCHED = 15  # seconds

ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}

# The same work as a run in the worker: train with the defaults, then test and calibrate the last and the best network.
BARE = """
import sys, time
from digits import datasets
from training.ml.evaluation.calibration import calibrated
from training.ml.engines import ENGINES, evaluate, split
from training.ml.config.hyperparameters import Hyperparameters
dataset = datasets.load()
started = time.perf_counter()
hyperparameters = Hyperparameters(seed=int(sys.argv[1]))
train, validation = split(dataset.train, hyperparameters)
*_, progress = ENGINES["numpy"].fit(hyperparameters, train, validation)
networks = [progress.network()]
if progress.best().epoch != progress.epoch:
    networks.append(progress.best_network())
for network in networks:
    evaluate(network, dataset.test)
    calibrated(network, validation)
print(time.perf_counter() - started)
"""


def rows() -> list[dict[str, Any]]:
    """Both measurements, on one running stack."""
    # As `make run` does on two cores: two workers with one thread each.
    stack = Stack(workers=2)
    try:
        with sync_playwright() as playwright:
            browser = launch(playwright)
            page = browser.new_page(base_url=stack.url)
            page.goto("/")
            page.get_by_role("button", name="Try it as a guest").click()
            page.wait_for_url("**/train/")
            found = [overhead(stack, page), delay(stack, page)]
            browser.close()
            return found
    finally:
        stack.close()


def overhead(stack: Stack, page: Page) -> dict[str, Any]:
    """Compare the seconds of a default run, from the worker's claim to its end, with the bare engine's.

    The two run in turns, and the fastest of each counts.
    """
    ours, bare = [], []
    # A new seed per round: asked for a run like an earlier one, the application answers with the earlier one.
    for seed in range(ROUNDS):
        bare.append(_bare(stack, seed))
        ours.append(_in_worker(stack, page, seed))
    mine, theirs = min(ours), min(bare)
    ratio = mine / theirs
    return {
        "case": "a default run in the worker, beside the bare engine",
        "ours": round(mine, 3),
        "peer": round(theirs, 3),
        "ratio": round(ratio, 3),
        "unit": "s",
        "bar": f"ratio ≤ {OVERHEAD}",
        "ok": ratio <= OVERHEAD,
    }


def _bare(stack: Stack, seed: int) -> float:
    done = subprocess.run(
        [sys.executable, "-c", BARE, str(seed)],
        cwd=ROOT,
        env=stack.env | ONE_THREAD,
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)


def _in_worker(stack: Stack, page: Page, seed: int) -> float:
    page.goto("/train/")
    form = page.evaluate("Object.fromEntries(new FormData(document.querySelector('[data-run-form]')))")
    # No page watches the run, and we query only once per second: both take time that isn't the worker's.
    page.goto("about:blank")
    answer = page.request.post(f"{stack.url}/train/", form=form | {"seed": str(seed)}, max_redirects=0)
    run = int(answer.headers["location"].rstrip("/").rpartition("/")[2])
    finished = "SELECT extract(epoch FROM finished_at - started_at)::float FROM training_run WHERE id = %s"
    while not (seconds := stack.query(finished, run)):
        page.wait_for_timeout(1000)
    return float(seconds)


def delay(stack: Stack, page: Page) -> dict[str, Any]:
    """Measure the 95th percentile of the milliseconds from a worker's event in Redis to the page that shows it."""
    start(page, **LONG)
    run = int(page.url.rstrip("/").rpartition("/")[2])
    page.evaluate("""() => {
        window.changes = [];
        document.addEventListener('htmx:wsAfterMessage', () =>
            requestAnimationFrame(() => window.changes.push(Date.now() / 1000)));
    }""")
    sent: list[float] = []
    connection = redis.Redis.from_url(servers.redis_url(stack.home))
    listener = connection.pubsub()
    listener.psubscribe(f"*run.{run}*")
    deadline = time.time() + WATCHED

    def listen() -> None:
        while time.time() < deadline:
            message = listener.get_message(ignore_subscribe_messages=True, timeout=0.5)
            if message:
                sent.append(time.time())

    thread = Thread(target=listen)
    thread.start()
    page.wait_for_timeout(1000 * WATCHED)
    thread.join()
    listener.close()
    connection.close()
    changes: list[float] = page.evaluate("window.changes")
    page.get_by_role("button", name="Stop and keep").click()
    # An event's delay ends at the first change after it.
    delays = [1000 * (min(later) - at) for at in sent if (later := [c for c in changes if c >= at])]
    p95 = statistics.quantiles(delays, n=20)[-1]
    return {
        "case": "from the worker's event to the changed page, p95",
        "ours": round(p95, 1),
        "peer": None,
        "ratio": None,
        "unit": "ms",
        "bar": f"≤ {DELAY:.0f}",
        "ok": p95 <= DELAY,
    }
