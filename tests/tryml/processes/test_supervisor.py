import io
import os
import signal
import subprocess
import sys
import threading

import pytest

from tests.waiting import wait_until
from tryml.processes.process import ChildProcess, StartError
from tryml.processes.supervisor import Log, Stop, Supervisor, stop_on_signals

SLEEP = "import time; time.sleep(600)"
# Notes in the file it is given that it was asked to stop.
LEAVER = """
import signal, sys, time
def leave(*_):
    open(sys.argv[1], "a").write(sys.argv[2] + " ")
    sys.exit()
signal.signal(signal.SIGTERM, leave)
print("here", flush=True)
time.sleep(600)
"""
# Supervises a sleeper and says what it does.
SUPERVISION = f"""
import sys
from tryml.processes.process import ChildProcess
from tryml.processes.supervisor import Log, Stop, Supervisor, stop_on_signals
log = Log(sys.stdout)
try:
    with stop_on_signals(), Supervisor(log) as supervisor:
        sleeper = "import os; print(os.getpid(), flush=True); {SLEEP}"
        supervisor.start(ChildProcess("sleeper", [sys.executable, "-c", sleeper]))
        supervisor.wait_until_ready()
        supervisor.watch()
except Stop:
    log.say("stopped")
"""


def python(name: str, code: str, *arguments: str, **fields) -> ChildProcess:
    return ChildProcess(name, [sys.executable, "-c", code, *arguments], **fields)


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_children_are_waited_for_until_they_are_ready(tmp_path):
    # given
    sign = tmp_path / "sign"
    child = python("child", f"open({str(sign)!r}, 'w'); {SLEEP}", ready=sign.exists)

    # when
    with Supervisor() as supervisor:
        supervisor.start(child)
        supervisor.wait_until_ready()

        # then
        assert sign.exists()
        assert child.alive
    assert not child.alive


def test_one_that_ends_before_it_is_ready_is_an_error_with_its_last_words():
    # given
    child = python("web", "print('no such table'); raise SystemExit(3)", ready=lambda: False)

    # when
    with Supervisor() as supervisor:
        supervisor.start(child)
        with pytest.raises(StartError) as error:
            supervisor.wait_until_ready()

    # then
    assert str(error.value) == "web ended with exit code 3.\nno such table"


def test_one_that_never_gets_ready_is_an_error():
    # given
    child = python("web", SLEEP, ready=lambda: False)

    # when / then
    with Supervisor() as supervisor:
        supervisor.start(child)
        with pytest.raises(StartError, match=r"web was not ready after 0 s\."):
            supervisor.wait_until_ready(timeout=0.05)


def test_children_stop_in_reverse_order_and_those_of_one_role_together(tmp_path):
    # given
    book = tmp_path / "book"
    names = ["redis", "web", "worker-1", "worker-2"]
    gone = []
    children = [
        python(name, LEAVER, str(book), name, ready_line="here", after=lambda name=name: gone.append(name))
        for name in names
    ]

    # when
    with Supervisor() as supervisor:
        supervisor.start(*children)
        supervisor.wait_until_ready()

    # then
    left = book.read_text().split()
    assert sorted(left[:2]) == ["worker-1", "worker-2"]
    assert left[2:] == ["web", "redis"]
    assert gone == ["worker-2", "worker-1", "web", "redis"]


def test_all_stop_when_one_cannot_be_started():
    # given
    good = python("good", SLEEP)
    bad = python("bad", SLEEP, before=lambda: (_ for _ in ()).throw(StartError("No room.")))

    # when
    with pytest.raises(StartError, match="No room"), Supervisor() as supervisor:
        supervisor.start(good, bad)

    # then
    assert not good.alive
    assert bad.process is None


@pytest.fixture
def supervision():
    """A supervisor in a process of its own, and the pid of its sleeper."""
    with subprocess.Popen([sys.executable, "-c", SUPERVISION], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield process, int(process.stdout.readline().split("|")[1])
        if process.poll() is None:
            process.kill()


def test_one_that_dies_is_started_again(supervision):
    # given
    process, sleeper = supervision

    # when
    os.kill(sleeper, signal.SIGKILL)

    # then
    assert process.stdout.readline() == "serve    | sleeper was killed by SIGKILL; it is started again now.\n"
    assert lives(int(process.stdout.readline().split("|")[1]))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_all_and_another_one_changes_nothing(supervision, number):
    # given
    process, sleeper = supervision

    # when
    # Stopped, it gets both at once: a sender that is kept waiting would send the second to a process that has ended.
    process.send_signal(signal.SIGSTOP)
    process.send_signal(number)
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGCONT)

    # then
    assert process.stdout.read() == "stopped\n"
    assert process.wait() == 0
    assert not lives(sleeper)


def test_children_die_with_a_supervisor_that_is_killed(supervision):
    # given
    process, sleeper = supervision

    # when
    process.kill()

    # then
    process.wait()
    wait_until(lambda: not lives(sleeper))


def test_a_failure_to_revive_is_told_and_tried_again():
    # given
    said = []
    failures = iter([OSError(28, "No space left on device"), None])

    def before():
        if started and (failure := next(failures)):
            raise failure

    started: list[int] = []
    child = python("child", SLEEP, before=before)
    supervisor = Supervisor(lambda name, line: said.append(line))
    supervisor.start(child)
    started.append(1)
    child.bury()

    # when
    supervisor._revive(child)
    child.due = 0.1
    supervisor._revive(child)

    # then
    assert child.alive
    assert said == [
        "child was killed by SIGKILL; it is started again now.",
        "child can't be started again: [Errno 28] No space left on device",
    ]
    supervisor.stop()


def test_the_handlers_of_before_are_back_after_the_block():
    # given
    before = signal.getsignal(signal.SIGTERM)

    # when
    with pytest.raises(Stop), stop_on_signals():
        os.kill(os.getpid(), signal.SIGTERM)

    # then
    assert signal.getsignal(signal.SIGTERM) == before


def test_outside_the_main_thread_no_signal_is_handled():
    # given
    done = []

    def serve():
        with stop_on_signals(), Supervisor():
            done.append(True)

    # when
    thread = threading.Thread(target=serve)
    thread.start()
    thread.join()

    # then
    assert done


def test_a_log_for_a_file_has_names_and_no_colours():
    # given
    stream = io.StringIO()
    log = Log(stream)

    # when
    log("web", "one")
    log.say_in_passing("data", "10 %")
    log("worker-10", "two")
    log.say("TryML is ready")

    # then
    assert stream.getvalue() == "web      | one\nworker-10 | two\nTryML is ready\n"


@pytest.fixture
def terminal():
    ours, theirs = os.openpty()
    with os.fdopen(theirs, "w") as stream:
        yield stream, ours
    os.close(ours)


def read_line(terminal: int) -> str:
    """What comes until the end of the line, which may be in several pieces."""
    said = b""
    while not said.endswith(b"\n"):
        said += os.read(terminal, 1000)
    return said.decode()


def test_a_log_for_a_terminal_is_coloured_and_overwrites_what_is_said_in_passing(terminal, monkeypatch):
    # given
    monkeypatch.delenv("NO_COLOR", raising=False)
    stream, ours = terminal
    log = Log(stream)

    # when
    log.say_in_passing("data", "10 %")
    log("web", "one")

    # then
    assert read_line(ours) == ("\033[31mdata     | \033[0m10 %\r\033[K\033[32mweb      | \033[0mone\r\n")


def test_colours_can_be_declined(terminal, monkeypatch):
    # given
    monkeypatch.setenv("NO_COLOR", "1")
    stream, ours = terminal

    # when
    Log(stream)("web", "one")

    # then
    assert read_line(ours) == "web      | one\r\n"


def test_a_log_that_nobody_reads_any_more_does_no_harm():
    # given
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb", buffering=0) as pipe:
        log = Log(io.TextIOWrapper(pipe, write_through=True))

        # when / then
        log("web", "one")
    log("web", "two")
