"""TryML as users run it: `manage.py serve` on a home of its own."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

import psutil
import psycopg

from tests.waiting import wait_while_it_moves
from tryml import servers

ROOT = Path(__file__).parents[2]
PASSWORD = "correct horse battery"  # the password of every account that the tests make
READY = re.compile(r"TryML is ready at (\S+)")


class Stack:
    """A supervisor with its PostgreSQL, Redis, web process and one worker."""

    # The name of the run that `stop_all_runs` doesn't stop while it is paused.
    LEFT_ALONE = "left alone"

    def __init__(self, workers: int = 1) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="tryml-stack-"))
        self.home.chmod(0o711)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.env = {
            **{k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL", "TRYML_ROLE"}},
            "TRYML_HOME": str(self.home),
            "PORT": str(port),
            "WORKERS": str(workers),
            "TRYML_DOWNLOAD": "0",
            "PYTHONUNBUFFERED": "1",
        }
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "serve"],
            cwd=ROOT,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.reader = threading.Thread(target=self._read)
        self.reader.start()
        wait_while_it_moves(
            lambda: self.url or self.process.poll() is not None, lambda: len(self.lines), what="a ready stack"
        )
        assert self.url, "\n".join(self.lines)

    def _read(self) -> None:
        assert self.process.stdout
        self.lines.extend(self.process.stdout)

    @property
    def url(self) -> str:
        return next((found[1] for line in self.lines if (found := READY.search(line))), "")

    def command(self, *arguments: str, **env: str) -> None:
        """Run a command of manage.py on this stack."""
        subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=ROOT, env={**self.env, **env}, check=True
        )

    def query(self, sql: str, *values: Any) -> Any:
        """Return the first row's columns, or its value where it has only one; None without rows."""
        with psycopg.connect(servers.postgres_url(self.home)) as connection:
            row = connection.execute(sql, values).fetchone()
        return row[0] if row and len(row) == 1 else row

    def stop_all_runs(self) -> None:
        """Leave the worker free for the next test."""
        with psycopg.connect(servers.postgres_url(self.home)) as connection:
            connection.execute(
                "UPDATE training_run SET status = 'stopped' WHERE status IN ('queued', 'paused') AND name <> %s",
                [self.LEFT_ALONE],
            )
            connection.execute("UPDATE training_run SET wish = 'stop' WHERE status = 'running'")

    def web(self) -> int:
        """Return the process id of the web process."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        return next(child.pid for child in children if "tryml.web_server" in " ".join(child.cmdline()))

    def close(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)
        self.reader.join()
        assert self.process.stdout
        self.process.stdout.close()
        shutil.rmtree((self.home / "postgres").resolve(), ignore_errors=True)
        shutil.rmtree(self.home, ignore_errors=True)
