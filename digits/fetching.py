"""Fetching MNIST while the application runs: one attempt at a time in this process, watched by the pages."""

import threading
from dataclasses import dataclass

from digits import datasets


@dataclass
class Attempt:
    running: bool = False
    percent: int = 0
    text: str = ""


_attempt = Attempt()
_lock = threading.Lock()


def current() -> Attempt:
    """The attempt under way, or the last one."""
    return _attempt


def start() -> None:
    """Begin an attempt in the background, unless one is under way."""
    with _lock:
        if _attempt.running:
            return
        _attempt.running, _attempt.percent, _attempt.text = True, 0, "Looking for MNIST …"
    threading.Thread(target=_run, name="fetch", daemon=True).start()


def _run() -> None:
    def progress(now: datasets.Progress) -> None:
        _attempt.percent = int(100 * now.done / now.total) if now.total else 0
        _attempt.text = f"{now.file}: {now.done / 1e6:.1f} of {now.total / 1e6:.1f} MB"

    try:
        datasets.prepare(progress=progress)
    finally:
        _attempt.running = False
