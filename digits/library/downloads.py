"""Downloads datasets while the application runs: one attempt per dataset at a time in this process. Pages show its
progress."""

import logging
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from digits import datasets
from digits.datasets import Dataset

Tell = Callable[[str, int], None]  # receives the state of the download in words, and in percent of the file


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
    """The running attempt to download that dataset, otherwise the last one."""
    return _attempts[name]


def start(name: str = "mnist") -> None:
    """Start an attempt in the background, unless one is running. Raises KeyError for a name that isn't in CATALOGUE."""
    attempt = _attempts[name]
    # The lock makes test and set one step. Without it: 1. Two requests see that no attempt is running. 2. Both start
    # a thread, and both threads report to the same attempt.
    with _lock:
        if attempt.running:
            return
        attempt.running, attempt.percent, attempt.problem = True, 0, ""
        attempt.text = f"Looking for {datasets.CATALOGUE[name].title} …"
    threading.Thread(target=_run, args=(name, attempt), name=f"fetch {name}", daemon=True).start()


def fetch(name: str, tell: Tell) -> Dataset:
    """Download a dataset of the catalogue in this thread, which may take minutes. `tell` receives the progress; an
    exception that it raises ends the download.

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
        # Last, and without the lock, since only this thread changes a running attempt: 1. `problem` is set.
        # 2. `running` becomes false. 3. A page that sees the end finds the problem.
        attempt.running = False
