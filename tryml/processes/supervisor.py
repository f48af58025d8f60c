"""Starts programs in order, shows their logs, restarts programs that die, and stops all in reverse order."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from itertools import cycle, groupby
from types import FrameType, TracebackType
from typing import NoReturn, Self, TextIO

from tryml.processes.process import ChildProcess, StartError

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stop(BaseException):
    """Raised in the main thread by the first Ctrl-C, SIGTERM or SIGHUP."""


@contextmanager
def stop_on_signals() -> Iterator[None]:
    """Raise `Stop` on the first signal in the `with` block, and ignore all later signals."""

    def stop(_number: int, _frame: FrameType | None) -> NoReturn:
        # 1. A signal raises Stop. 2. The supervisor starts to stop its programs. 3. A second signal comes.
        # It must not raise Stop again: some programs would not be stopped in order.
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        raise Stop

    with _handling(stop):
        yield


def _ignoring() -> AbstractContextManager[None]:
    return _handling(signal.SIG_IGN)


@contextmanager
def _handling(handler: Callable[[int, FrameType | None], NoReturn] | signal.Handlers) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, handler) for number in SIGNALS}
    if before[signal.SIGHUP] == signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # we were started by nohup
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)


class Log:
    """Writes lines to `stream`, each after the name of its program, in colour on a terminal."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()
        self._terminal = stream.isatty()
        self._coloured = self._terminal and "NO_COLOR" not in os.environ
        self._colours = cycle(range(31, 37))
        self._prefixes: dict[str, str] = {}
        self._passing = False  # whether the next line overwrites the last one

    def __call__(self, name: str, line: str) -> None:
        with self._lock:
            self._write(self._prefix(name) + line + "\n")

    def say(self, line: str) -> None:
        """Write a line without a name."""
        with self._lock:
            self._write(line + "\n")

    def say_in_passing(self, name: str, line: str) -> None:
        """Write a line that the next one overwrites; write nothing unless `stream` is a terminal."""
        with self._lock:
            if self._terminal:
                self._write(self._prefix(name) + line)
                self._passing = True

    def _prefix(self, name: str) -> str:
        if name not in self._prefixes:
            prefix = f"{name:8} | "
            self._prefixes[name] = f"\033[{next(self._colours)}m{prefix}\033[0m" if self._coloured else prefix
        return self._prefixes[name]

    def _write(self, text: str) -> None:
        # A closed terminal or pipe must not stop the programs.
        with suppress(OSError, ValueError):
            self._stream.write("\r\033[K" + text if self._passing else text)
            self._stream.flush()
        self._passing = False


def silent(name: str, line: str) -> None:
    """Discard a line of a log."""


class Supervisor:
    """Keeps programs running during its `with` block, and stops all of them at its end."""

    def __init__(self, write: Callable[[str, str], None] = silent) -> None:
        self._write = write
        self._children: list[ChildProcess] = []

    def start(self, *children: ChildProcess) -> None:
        """Start programs, from the main thread. Raises OSError or StartError."""
        for child in children:
            # 1. The program starts. 2. A signal raises Stop before `child.start` returns. 3. `stop` finds
            # the program in the list. (One that we don't know yet dies with us: see parent_death.)
            self._children.append(child)
            child.start(self._write)

    def wait_until_ready(self, timeout: float = 120.0) -> None:
        """Wait until all started programs are ready.

        Raises StartError when one ends before it is ready, or isn't ready after `timeout` seconds.
        """
        deadline = time.monotonic() + timeout
        for child in self._children:
            while not child.is_ready:
                if not child.alive:
                    child.bury()
                    raise StartError("\n".join([f"{child.name} {child.end}.", *child.lines]))
                if time.monotonic() > deadline:
                    raise StartError(f"{child.name} was not ready after {timeout:.0f} s.")
                time.sleep(0.02)

    def watch(self) -> NoReturn:
        """Restart programs that die, until a signal raises Stop."""
        while True:
            for child in self._children:
                if not child.alive:
                    self._revive(child)
            time.sleep(0.2)

    def _revive(self, child: ChildProcess) -> None:
        if child.due == 0.0:
            # 1. The program dies. 2. Processes that it started run on, over the same data. 3. The new
            # program would meet them. So kill them first.
            child.bury()
            delay = child.fail()
            when = f"in {delay} s" if delay else "now"
            self._write("serve", f"{child.name} {child.end}; it is started again {when}.")
        if time.monotonic() >= child.due:
            child.due = 0.0
            try:
                child.start(self._write)
            except (OSError, StartError) as error:
                child.fail()
                self._write("serve", f"{child.name} can't be started again: {error}")

    def stop(self) -> None:
        """Stop all programs in reverse order, those of one role (worker-1, worker-2 …) together."""
        for _, role in groupby(reversed(self._children), key=lambda child: child.name.partition("-")[0]):
            children = list(role)
            for child in children:
                child.ask_to_stop()
            asked = time.monotonic()
            for child in children:
                child.bury(max(0.0, asked + child.patience - time.monotonic()))
                child.after()
        self._children.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # 1. The block ends. 2. We stop the programs, which takes seconds. 3. A signal comes.
        # It must not interrupt us: the programs left would be killed instead of stopped.
        with _ignoring():
            self.stop()
