import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Thread

import pytest
from django.core.management import CommandError, call_command, get_commands

from tests.waiting import wait_until, wait_while_it_moves

ROOT = Path(__file__).parents[3]
SERVE = [sys.executable, "manage.py", "serve"]


def free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return str(server.getsockname()[1])


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="tryml-serve-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def environment(home) -> dict[str, str]:
    """Of a newcomer who has set nothing but the port, so that others may run beside the tests."""
    ours = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    return {**ours, "TRYML_HOME": str(home), "TRYML_ROLE": "serve", "PORT": free_port(), "WORKERS": "1"}


class Served:
    """A TryML that runs, and what it has said."""

    def __init__(self, environment: dict[str, str], *arguments: str) -> None:
        self.url = f"http://127.0.0.1:{environment['PORT']}"
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [*SERVE, *arguments],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.reader = Thread(target=self._read)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        with self.process.stdout as log:
            for line in log:
                self.lines.append(line.rstrip())

    def wait_for(self, words: str) -> None:
        wait_while_it_moves(
            lambda: self.has_said(words) or self.process.poll() is not None,
            lambda: len(self.lines),
            what=words,
        )
        assert self.has_said(words), "\n".join(self.lines)

    def has_said(self, words: str) -> bool:
        return any(words in line for line in self.lines)

    def end(self) -> int:
        code = self.process.wait(60)
        self.reader.join()
        return code


@pytest.fixture(scope="module")
def served(environment) -> Iterator[Served]:
    served = Served(environment)
    try:
        served.wait_for("is ready at")
        yield served
    finally:
        if served.process.poll() is None:
            served.process.terminate()
        served.end()


def processes_of(home: Path) -> list[str]:
    """The commands of all processes, but ours, that were told of `home`."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if f"TRYML_HOME={home}\0".encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_text().replace("\0", " "))
    return found


def test_the_first_page_is_there_as_soon_as_it_says_so(served):
    assert served.lines[-1] == f"TryML is ready at {served.url}"
    with urllib.request.urlopen(served.url) as page:
        assert b"<canvas" in page.read()


def test_every_line_names_who_says_it(served):
    assert {line[:11] for line in served.lines[:-1]} == {
        "redis    | ",
        "postgres | ",
        "data     | ",
        "serve    | ",
        "worker-1 | ",
    }


def test_a_second_one_on_the_same_home_is_refused_with_the_pid_of_the_first(served, environment, home):
    # when
    second = subprocess.run(SERVE, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    # then
    assert second.returncode == 1
    assert second.stderr == f"TryML already runs on {home} (process {served.process.pid}).\n"
    assert second.stdout == ""


def test_roles_of_their_own_find_the_servers_that_run(served, environment):
    # given
    alone = Served({**environment, "PORT": "1"}, "--only", "worker")

    # when
    alone.wait_for("Running: worker.")
    os.killpg(alone.process.pid, signal.SIGINT)

    # then
    assert alone.end() == 0


def test_an_administrator_can_be_made_meanwhile(served, environment):
    # given
    boss = {"TRYML_ADMIN_USERNAME": "boss", "TRYML_ADMIN_PASSWORD": "correct horse battery"}

    # when
    done = subprocess.run(
        [sys.executable, "manage.py", "createadmin"],
        cwd=ROOT,
        env={**environment, **boss},
        capture_output=True,
        text=True,
        check=True,
    )

    # then
    assert done.stdout == "The administrator can sign in at /admin/.\n"


def test_a_worker_that_is_killed_is_replaced(served):
    # given
    ready = next(line for line in served.lines if line.startswith("worker-1") and "is ready" in line)
    pid = int(re.findall(r"\d+", ready)[-1])

    # when
    os.kill(pid, signal.SIGKILL)

    # then
    served.wait_for("serve    | worker-1 was killed by SIGKILL; it is started again now.")


def test_after_a_kill_of_all_the_next_start_is_fine_and_a_signal_to_the_group_leaves_nothing(
    served, environment, home
):
    # given
    served.process.kill()
    served.end()
    wait_until(lambda: not processes_of(home))

    # when
    again = Served(environment)
    again.wait_for("is ready at")
    os.killpg(again.process.pid, signal.SIGTERM)

    # then
    assert again.end() == 0
    assert processes_of(home) == []
    assert sorted(path.name for path in home.iterdir()) == [
        "cache",
        "datasets",
        "postgres",
        "redis",
        "secret-key",
    ]
    left = {path.name for folder in ("postgres", "redis") for path in (home / folder).iterdir()}
    assert not left & {"postmaster.pid", ".s.PGSQL.5432", ".s.PGSQL.5432.lock", "redis.sock"}


@pytest.fixture
def serve(monkeypatch, settings, tmp_path):
    """Runs the command in this process, with the variables it is given, until it gives up; returns its words."""

    def serve(*arguments: str, **variables: str) -> str:
        settings.TRYML_HOME = tmp_path
        for name in ("DATABASE_URL", "REDIS_URL", "HOST", "PORT", "WORKERS"):
            monkeypatch.setenv(name, variables.get(name, ""))
        with pytest.raises(SystemExit) as end:
            call_command("serve", *arguments)
        assert list(tmp_path.iterdir()) == []
        return str(end.value)

    return serve


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"WORKERS": "0"}, "WORKERS must be a whole number from 1 to 64, not '0'."),
        ({"WORKERS": "65"}, "WORKERS must be a whole number from 1 to 64, not '65'."),
        ({"WORKERS": "two"}, "WORKERS must be a whole number from 1 to 64, not 'two'."),
        ({"PORT": "65536"}, "PORT must be a whole number from 1 to 65535, not '65536'."),
        ({"PORT": "²"}, "PORT must be a whole number from 1 to 65535, not '²'."),
    ],
)
def test_impossible_numbers_are_refused_with_the_limits(serve, variables, message):
    assert serve(**variables) == message


def test_a_port_in_use_is_refused_before_anything_starts(serve):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert serve(PORT=str(port)).startswith(f"Port {port} is taken; set PORT to another")


def test_a_redis_that_cannot_be_reached_is_told_before_anything_starts(serve, settings):
    # given
    settings.REDIS_URL = "redis://:sesame@127.0.0.1:1/0"

    # when / then
    message = serve(REDIS_URL=settings.REDIS_URL, PORT=free_port())
    assert message.startswith("Redis can't be reached (REDIS_URL): ")
    assert "sesame" not in message


@pytest.mark.parametrize(
    ("arguments", "variables", "message"),
    [
        (["--only", "redis"], {"REDIS_URL": "redis://x"}, "REDIS_URL is set: there is no redis to run here."),
        (["--only", "worker"], {}, "No redis runs on {home}: set REDIS_URL or add --only redis."),
    ],
)
def test_roles_that_cannot_be_run_alone_are_told(serve, tmp_path, arguments, variables, message):
    assert serve(*arguments, **variables) == message.format(home=tmp_path)


def test_it_is_among_the_commands_that_help_lists():
    assert get_commands()["serve"] == "tryml"


def test_a_role_that_does_not_exist_is_refused():
    with pytest.raises(CommandError, match="invalid choice: 'cook'"):
        call_command("serve", "--only", "cook")


def test_a_full_disk_is_told_in_one_line(serve, monkeypatch):
    # given
    def full(path: Path) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr("tryml.management.commands.serve.hold", full)

    # when / then
    assert serve().endswith("serve.lock: No space left on device.")
