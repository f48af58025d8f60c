"""Strands: all work is done, side by side or not, and what goes wrong is told."""

import os
import subprocess
import sys
from threading import Barrier

import pytest

from training.ml.nn import parallel
from training.ml.nn.parallel import in_parallel


@pytest.fixture(params=[1, 2])
def cores(request, monkeypatch):
    monkeypatch.setattr(parallel, "cores", lambda: request.param)
    return request.param


def test_all_strands_are_done(cores):
    done = []
    in_parallel(done.append, ["a", "b"])
    assert sorted(done) == ["a", "b"]


def meet() -> None:
    """Returns only if two parts run at the same time."""
    meeting = Barrier(2)
    in_parallel(lambda _: meeting.wait(timeout=10), ["a", "b"])


def test_on_two_cores_they_work_at_the_same_time(monkeypatch):
    monkeypatch.setattr(parallel, "cores", lambda: 2)
    meet()


@pytest.mark.parametrize("bad", ["a", "b"])
def test_an_error_comes_out_after_all_are_done(cores, bad):
    done = []

    def work(part):
        if part == bad:
            raise ValueError(part)
        done.append(part)

    with pytest.raises(ValueError, match=bad):
        in_parallel(work, ["a", "b"])
    assert bad not in done


FORK = """
import os
import signal

from tests.training.ml.nn.test_parallel import meet, parallel

parallel.cores = lambda: 2
meet()
child = os.fork()
if child == 0:
    signal.alarm(20)  # it ends, should it wait for threads that it hasn't got
    try:
        meet()
        os._exit(0)
    finally:
        os._exit(1)
assert os.waitpid(child, 0)[1] == 0
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
def test_a_fork_has_threads_of_its_own():
    # In a process of its own, since JAX, which other tests load, wants none of its process forked.
    subprocess.run([sys.executable, "-c", FORK], check=True)
