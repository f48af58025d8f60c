"""PostgreSQL and Redis from their wheels, for a machine that has none.

Their data lie in one folder, and they listen on Unix sockets only.
"""

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tryml.processes.process import StartError
from tryml.processes.supervisor import Supervisor
from tryml.servers.lock import LockedError, hold
from tryml.servers.postgres import Postgres
from tryml.servers.redis import Redis


def postgres_url(home: Path) -> str:
    """Return the DATABASE_URL of the embedded PostgreSQL of the absolute folder `home`, running or not."""
    return Postgres(home).url


def redis_url(home: Path) -> str:
    """Return the REDIS_URL of the embedded Redis of the absolute folder `home`, running or not."""
    return Redis(home).url


@contextmanager
def services(home: Path) -> Iterator[tuple[str, str]]:
    """Make PostgreSQL and Redis run during the `with` block, and yield their two URLs.

    Where DATABASE_URL or REDIS_URL is set, that server is used and not checked. Else the embedded server
    of the absolute folder `home` is used: a TryML that runs there has started it, or it is started here
    and stopped at the end of the block. Raises OSError or StartError where a server can't be started or
    isn't ready in time.
    """
    servers: list[Postgres | Redis] = []
    if not (database := os.environ.get("DATABASE_URL", "")):
        servers.append(postgres := Postgres(home))
        database = postgres.url
    if not (queue := os.environ.get("REDIS_URL", "")):
        servers.append(redis := Redis(home))
        queue = redis.url
    with ExitStack() as locks, Supervisor() as supervisor:
        for server in servers:
            try:
                locks.enter_context(hold(home / f"{server.name}.lock"))
            except LockedError:
                _wait_for(server)
            else:
                supervisor.start(server.child())
        supervisor.wait_until_ready()
        yield database, queue


def _wait_for(server: Postgres | Redis, timeout: float = 60.0) -> None:
    deadline = time.monotonic() + timeout
    while not server.is_ready():
        if time.monotonic() > deadline:
            raise StartError(f"The {server.name} of another TryML on the same folder does not get ready.")
        time.sleep(0.05)
