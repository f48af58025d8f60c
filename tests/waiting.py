"""Waits for other processes."""

import time
from collections.abc import Callable
from typing import Any


def wait_until(condition: Callable[[], Any], timeout: float = 60.0, what: str = "it") -> Any:
    """Return the first true result of `condition()`; raise AssertionError if there is none in `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not (result := condition()):
        assert time.monotonic() < deadline, f"waited {timeout:.0f} s for {what}"
        time.sleep(0.02)
    return result


def wait_while_it_moves(
    condition: Callable[[], Any], progress: Callable[[], Any], patience: float = 60.0, what: str = "it"
) -> None:
    """Wait until `condition()` is true, however long that takes on a slow machine.

    Raise AssertionError when `progress()` has not changed for `patience` seconds.
    """
    seen, since = progress(), time.monotonic()
    while not condition():
        if (now := progress()) != seen:
            seen, since = now, time.monotonic()
        assert time.monotonic() - since < patience, (
            f"waited for {what}, still at {seen} after {patience:.0f} s"
        )
        time.sleep(0.05)
