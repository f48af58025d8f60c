"""Runs a program as a given user, and ends it when its starter dies, even by SIGKILL.

`python parent_death.py <starter's pid> <signal> <uid> <gid> program argument …` becomes the program. This
script does what must happen between fork and exec, where a process with threads must not run Python code.
"""

import ctypes
import os
import signal
import sys
import time

PR_SET_PDEATHSIG = 1


def bound_to_starter(program: list[str], death_signal: signal.Signals, uid: int, gid: int) -> list[str]:
    """Return the command that runs `program` as `uid` and `gid`, and signals it once this process is gone.

    Start the command from a thread that lives as long as this process: Linux sends `death_signal` when
    that thread ends.
    """
    # Isolated and without site-packages, Python starts in 20 ms instead of 100.
    python = [sys.executable, "-I", "-S", __file__]
    return [*python, str(os.getpid()), str(int(death_signal)), str(uid), str(gid), *program]


def main(starter: int, death_signal: int, uid: int, gid: int, *program: str) -> None:
    """Become `program` as `uid` and `gid`; it gets `death_signal` once the process `starter` is gone."""
    # The starter ignores these signals while it stops; its programs must not inherit that.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    if uid != os.geteuid():
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":
        # After the change of user, because that clears the setting.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, death_signal)
    else:
        _watch(starter, os.getpid(), death_signal)
    # 1. The starter starts us. 2. It dies. 3. We ask for its death signal, too late to get it.
    # So if another process is our parent by now, end instead of running without a supervisor.
    if os.getppid() != starter:
        sys.exit(1)
    os.execv(program[0], program)


def _watch(starter: int, target: int, death_signal: int) -> None:
    """Start a watcher process that sends `death_signal` to `target` once `starter` is gone."""
    if child := os.fork():
        os.waitpid(child, 0)
        return
    # 1. We fork a helper. 2. The helper forks the watcher and exits. 3. The system adopts the watcher.
    # So the program, which we become, has no child that it did not start.
    if os.fork() == 0:
        os.setsid()
        for stream in range(3):
            os.close(stream)
        while _lives(target):
            if not _lives(starter):
                os.kill(target, death_signal)
                break
            time.sleep(0.2)
    os._exit(0)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


if __name__ == "__main__":
    pid, number, uid, gid = map(int, sys.argv[1:5])
    main(pid, number, uid, gid, *sys.argv[5:])
