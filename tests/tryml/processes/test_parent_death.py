import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.waiting import wait_until
from tryml.processes.parent_death import bound_to_starter
from tryml.servers.os_user import unprivileged_user

# Starts a sleeper bound to its starter, says its pid, and waits to be killed.
STARTER = """
import os, subprocess, sys, time
from tryml.processes.parent_death import bound_to_starter
sleeper = [sys.executable, "-c", "import time; time.sleep(600)"]
command = bound_to_starter(sleeper, 9, os.geteuid(), os.getegid())
if sys.argv[1] == "another":
    command[1:4] = ["-c", sys.argv[2]]
print(subprocess.Popen(command, start_new_session=True).pid, flush=True)
time.sleep(600)
"""
# Binding on a system that has no signal for the death of the starter.
ANOTHER = """
import sys
sys.platform = "another"
from tryml.processes.parent_death import main
main(*map(int, sys.argv[1:5]), *sys.argv[5:])
"""


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    # Killed, but not yet waited for by the first process of the system.
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and ") Z" in status.read_text()


@pytest.mark.parametrize("system", ["linux", "another"])
def test_a_program_dies_with_a_starter_that_is_killed(system):
    # given
    command = [sys.executable, "-c", STARTER, system, ANOTHER]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout
        sleeper = int(starter.stdout.readline())

        # when
        starter.kill()

        # then
        wait_until(lambda: is_gone(sleeper))


def test_a_program_whose_starter_is_gone_does_not_run_at_all():
    # given
    command = bound_to_starter(["/bin/echo", "here"], signal.SIGKILL, os.geteuid(), os.getegid())
    command[4] = "1"

    # when
    done = subprocess.run(command, capture_output=True, check=False)

    # then
    assert (done.returncode, done.stdout) == (1, b"")


def test_a_program_becomes_the_user_it_is_for_and_handles_signals_again():
    # given
    account = unprivileged_user(Path("/nonexistent"))
    program = ["/bin/sh", "-c", "id -u; id -g; id -G; trap"]
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)

    # when
    try:
        said = subprocess.check_output(
            bound_to_starter(program, signal.SIGKILL, account.uid, account.gid), text=True
        )
    finally:
        signal.signal(signal.SIGINT, before)

    # then
    uid, gid, groups = said.split("\n")[:3]
    assert (int(uid), int(gid)) == (account.uid, account.gid)
    assert os.geteuid() != 0 or groups == gid


def test_a_program_that_does_not_exist_is_an_error_of_its_own():
    # given
    command = bound_to_starter(["/nonexistent"], signal.SIGKILL, os.geteuid(), os.getegid())

    # when
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    # then
    assert done.returncode == 1
    assert "FileNotFoundError" in done.stderr
