import os
import subprocess
import sys

import pytest

from tryml.servers.lock import LockedError, hold

HOLD = """
import sys, time
from pathlib import Path
from tryml.servers.lock import hold
with hold(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


def test_a_lock_is_there_while_it_is_held_and_gone_afterwards(tmp_path):
    # given
    path = tmp_path / "home" / "serve.lock"

    # when
    with hold(path):
        # then
        assert path.read_text() == f"{os.getpid()}\n"
    assert list(path.parent.iterdir()) == []


def test_a_second_holder_is_told_who_has_it(tmp_path):
    # given
    path = tmp_path / "serve.lock"

    # when / then
    with hold(path), pytest.raises(LockedError) as error, hold(path):
        pass
    assert str(error.value) == f"TryML already runs on {tmp_path} (process {os.getpid()})."
    with hold(path):
        pass


def test_the_lock_of_a_killed_process_is_free(tmp_path):
    # given
    path = tmp_path / "serve.lock"
    with subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        holder.stdout.readline()
        with pytest.raises(LockedError, match=str(holder.pid)), hold(path):
            pass

        # when
        holder.kill()
    assert path.exists()

    # then
    with hold(path):
        assert path.read_text() == f"{os.getpid()}\n"


def test_a_lock_that_its_holder_removes_while_we_open_it_is_not_mistaken_for_ours(tmp_path, monkeypatch):
    # given: the file is another one by the time we have locked what we opened
    path = tmp_path / "serve.lock"
    same = iter([False, True])
    monkeypatch.setattr(os.path, "samestat", lambda *_: next(same))

    # when / then
    with hold(path):
        assert path.read_text() == f"{os.getpid()}\n"
