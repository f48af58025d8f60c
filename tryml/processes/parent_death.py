"""Run a program as some user, and let it die with the process that started it, however that one dies.

`python parent_death.py <starter's pid> <signal> <uid> <gid> program argument …` becomes the program. It
stands between fork and exec, where a process with threads must not run Python of its own.
"""

import ctypes
import os
import signal
import sys
import time

PR_SET_PDEATHSIG = 1


def bound_to_starter(program: list[str], death_signal: signal.Signals, uid: int, gid: int) -> list[str]:
    """Return the command that runs `program` as `uid` and `gid`; once we are gone it gets `death_signal`.

    To be started from a thread that lives as long as we do: Linux counts the thread's death as ours.
    """
    # Isolated and without site-packages: 20 ms instead of 100.
    python = [sys.executable, "-I", "-S", __file__]
    return [*python, str(os.getpid()), str(int(death_signal)), str(uid), str(gid), *program]


def main(starter: int, death_signal: int, uid: int, gid: int, *program: str) -> None:
    """Become `program` as `uid` and `gid`, to get `death_signal` once the process `starter` is gone."""
    # What the starter ignores while it stops, its programs must not.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    if uid != os.geteuid():
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":
        # After the change of user, which would clear it.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, death_signal)
    else:
        _watch(starter, os.getpid(), death_signal)
    if os.getppid() != starter:
        sys.exit(1)
    os.execv(program[0], program)


def _watch(starter: int, target: int, death_signal: int) -> None:
    """Leave a process of its own behind that signals `target` once `starter` is gone."""
    if child := os.fork():
        os.waitpid(child, 0)
        return
    # Twice, so that the program never finds a child that it has not started.
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
