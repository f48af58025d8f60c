"""Fetching datasets while the application runs: one attempt at each at a time in this process, watched by the
pages."""

import logging
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from digits import datasets
from digits.datasets import Dataset

Tell = Callable[[str, int], None]  # in words and percent, how far the file is that comes


@dataclass
class Attempt:
    running: bool = False
    percent: int = 0
    text: str = ""
    problem: str = ""  # why it failed, in one sentence


_log = logging.getLogger(__name__)
_attempts: defaultdict[str, Attempt] = defaultdict(Attempt)
_lock = threading.Lock()


def current(name: str = "mnist") -> Attempt:
    """The attempt under way at that dataset, or the last one."""
    return _attempts[name]


def start(name: str = "mnist") -> None:
    """Begin an attempt in the background, unless one is under way. `name` is one of the catalogue's."""
    attempt = _attempts[name]
    with _lock:
        if attempt.running:
            return
        attempt.running, attempt.percent, attempt.problem = True, 0, ""
        attempt.text = f"Looking for {datasets.CATALOGUE[name].title} …"
    threading.Thread(target=_run, args=(name, attempt), name=f"fetch {name}", daemon=True).start()


def fetch(name: str, tell: Tell) -> Dataset:
    """Fetch a dataset of the catalogue here and now: minutes. `tell` learns how far that is; what it raises ends it.

    Raises DatasetMissing with every reason."""

    def progress(now: datasets.Progress) -> None:
        percent = int(100 * now.done / now.total) if now.total else 0
        tell(f"{now.file}: {now.done / 1e6:.1f} of {now.total / 1e6:.1f} MB", percent)

    def report(line: str) -> None:
        _log.info(line)
        if line.startswith("Unpacking"):
            tell(f"Unpacking {datasets.CATALOGUE[name].title} …", 100)

    return datasets.fetch(name, report, progress)


def _run(name: str, attempt: Attempt) -> None:
    def tell(text: str, percent: int) -> None:
        attempt.text, attempt.percent = text, percent

    try:
        fetch(name, tell)
    except datasets.DatasetMissing as error:
        attempt.problem = str(error)
    finally:
        attempt.running = False
