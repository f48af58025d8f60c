"""One program that a supervisor keeps running."""

import os
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tryml.processes.parent_death import bound_to_starter

# Seconds from the first, second … death to the next start; the last one repeats.
DELAYS = (0, 1, 2, 4, 8, 16, 30)
# A program that has run for this many seconds starts again with the first delay.
HEALTHY = 60.0


class StartError(Exception):
    """Raised when a program can't be started or ends before it is ready; its text is for the user."""


@dataclass(eq=False)
class ChildProcess:
    """A program, how to tell that it is ready, and how it is stopped.

    It runs in a session of its own, so that a Ctrl-C reaches only the supervisor. It gets `death_signal`
    when the supervisor dies.
    """

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)  # added to our own
    cwd: Path | None = None
    before: Callable[[], None] = lambda: None  # runs before every start
    after: Callable[[], object] = lambda: None  # runs once it is stopped for good
    ready: Callable[[], bool] | None = None  # called until it returns True; None: ready at once
    ready_line: str = ""  # instead of `ready`: ready once its log contains this text
    hidden: str = "\n"  # log lines that contain this text are not shown
    uid: int = field(default_factory=os.geteuid)
    gid: int = field(default_factory=os.getegid)
    stop_signal: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = signal.SIGKILL  # sent to it when the supervisor dies
    patience: float = 10.0  # seconds from the stop signal to SIGKILL

    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    deaths: int = field(default=0, init=False)
    due: float = field(default=0.0, init=False)  # time.monotonic() of the next start, while it is dead
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=20), init=False)
    _started: float = field(default_factory=time.monotonic, init=False)
    _said_ready: bool = field(default=False, init=False)
    _reader: threading.Thread | None = field(default=None, init=False)

    def start(self, write: Callable[[str, str], None]) -> None:
        """Start the program and call `write(name, line)` for each line of its log. Raises OSError or StartError."""
        self._started = time.monotonic()
        self.before()
        self.lines.clear()
        self._said_ready = False
        reader, writer = os.pipe()
        self.process = subprocess.Popen(
            bound_to_starter(list(self.command), self.death_signal, self.uid, self.gid),
            env={**os.environ, **self.env},
            cwd=self.cwd,
            stdin=subprocess.DEVNULL,
            stdout=writer,
            stderr=writer,
            start_new_session=True,
        )
        os.close(writer)
        self._reader = threading.Thread(target=self._read, args=(reader, write), daemon=True)
        self._reader.start()

    def _read(self, reader: int, write: Callable[[str, str], None]) -> None:
        with open(reader, encoding="utf-8", errors="replace") as log:
            for line in map(str.rstrip, log):
                self._said_ready |= bool(self.ready_line) and self.ready_line in line
                if self.hidden not in line:
                    self.lines.append(line)
                    write(self.name, line)

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def is_ready(self) -> bool:
        if self.ready_line:
            return self._said_ready
        return self.ready is None or self.ready()

    @property
    def end(self) -> str:
        """How the dead program ended, as the end of a sentence."""
        code = self.process.returncode if self.process else 0
        return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"

    def fail(self) -> float:
        """Count a death, set the time of the next start, and return the seconds until then."""
        if time.monotonic() - self._started > HEALTHY:
            self.deaths = 0
        delay = DELAYS[min(self.deaths, len(DELAYS) - 1)]
        self.deaths += 1
        self.due = time.monotonic() + delay
        return delay

    def ask_to_stop(self) -> None:
        """Send the stop signal to the program, if it runs."""
        if self.process and self.alive:
            self.process.send_signal(self.stop_signal)

    def bury(self, patience: float = 0.0) -> None:
        """Wait up to `patience` seconds for the program to end, kill it and its group, and read the rest of its log."""
        if not self.process:
            return
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        # 1. The program started processes of its own. 2. It died. 3. They run on, in its process group.
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        if self._reader:
            self._reader.join(1)
