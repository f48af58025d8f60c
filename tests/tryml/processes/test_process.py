import signal
import sys
import time

import pytest

from tests.waiting import wait_until
from tryml.processes.process import DELAYS, HEALTHY, ChildProcess


def child(code: str, **fields) -> ChildProcess:
    return ChildProcess("child", [sys.executable, "-c", code], **fields)


@pytest.fixture
def said():
    return []


@pytest.fixture
def write(said):
    return lambda name, line: said.append((name, line))


def test_each_line_of_its_log_is_written_under_its_name(said, write):
    # given
    noisy = child(
        "import sys; print('one'); sys.stdout.flush(); print('two', file=sys.stderr); print('ü\\r')"
    )

    # when
    noisy.start(write)
    noisy.bury(patience=10)

    # then
    assert said == [("child", "one"), ("child", "two"), ("child", "ü")]
    assert noisy.end == "ended with exit code 0"


def test_lines_to_hide_are_neither_written_nor_kept(said, write):
    # given
    noisy = child("print('scary'); print('fine')", hidden="scary")

    # when
    noisy.start(write)
    noisy.bury(patience=10)

    # then
    assert said == [("child", "fine")]
    assert list(noisy.lines) == ["fine"]


def test_what_is_no_text_is_written_all_the_same(said, write):
    # given
    binary = child("import sys; sys.stdout.buffer.write(b'\\xff\\n')")

    # when
    binary.start(write)
    binary.bury(patience=10)

    # then
    assert said == [("child", "\ufffd")]


def test_a_line_of_its_log_can_say_that_it_is_ready(write):
    # given
    slow = child(
        "input_ = __import__('time'); print('is ready', flush=True); input_.sleep(600)", ready_line="ready"
    )

    # when
    assert not slow.is_ready
    slow.start(write)

    # then
    wait_until(lambda: slow.is_ready)
    slow.bury()
    assert slow.end == "was killed by SIGKILL"


def test_its_environment_adds_to_ours(said, write, monkeypatch):
    # given
    monkeypatch.setenv("OURS", "1")
    curious = child("import os; print(os.environ['OURS'], os.environ['ITS'])", env={"ITS": "2"})

    # when
    curious.start(write)
    curious.bury(patience=10)

    # then
    assert said == [("child", "1 2")]


def test_one_that_does_not_stop_is_killed_with_all_that_it_has_started(write):
    # given
    code = (
        "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']).pid, flush=True);"
        "time.sleep(600)"
    )
    stubborn = child(code)
    stubborn.start(write)
    wait_until(lambda: stubborn.lines)

    # when
    stubborn.ask_to_stop()
    stubborn.bury(patience=0.1)

    # then: its log ends only when the last one that writes to it is gone
    assert stubborn.end == "was killed by SIGKILL"
    assert stubborn._reader
    assert not stubborn._reader.is_alive()


def test_each_death_puts_off_the_next_start_a_little_longer():
    # given
    mortal = child("")

    # when
    delays = [mortal.fail() for _ in range(9)]

    # then
    assert delays == [0, 1, 2, 4, 8, 16, 30, 30, 30]
    assert mortal.due > time.monotonic() + DELAYS[-1] - 1


def test_a_minute_of_health_makes_earlier_deaths_forgotten(monkeypatch, write):
    # given
    mortal = child("")
    delays = [mortal.fail() for _ in range(3)]
    mortal.start(write)
    mortal.bury(patience=10)

    # when
    later = time.monotonic() + HEALTHY + 1
    monkeypatch.setattr(time, "monotonic", lambda: later)

    # then
    assert delays == [0, 1, 2]
    assert mortal.fail() == 0


def test_a_child_that_never_ran_needs_no_burial():
    # given
    unborn = child("")

    # when
    unborn.ask_to_stop()
    unborn.bury()

    # then
    assert not unborn.alive
    assert unborn.stop_signal is signal.SIGTERM
