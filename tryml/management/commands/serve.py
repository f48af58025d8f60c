"""Runs TryML on this machine: `manage.py serve`."""

import os
import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial
from threading import Thread
from typing import Any

import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import Error, connection

from tryml.numbers import whole
from tryml.processes.address import Address
from tryml.processes.cores import cores as number_of_cores
from tryml.processes.process import ChildProcess, StartError
from tryml.processes.supervisor import Log, Stop, Supervisor, stop_on_signals
from tryml.servers.lock import LockedError, hold
from tryml.servers.migrate import migrate_if_needed
from tryml.servers.postgres import Postgres
from tryml.servers.reachability import check_postgres, check_redis, first_line
from tryml.servers.redis import Redis

SERVERS = ((Redis, "REDIS_URL", check_redis), (Postgres, "DATABASE_URL", check_postgres))
# For a process of many threads: glibc gives memory that arrays took back to the system.
GIVE_BACK = {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": "1000000"}
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")
ROLES = ("postgres", "redis", "web", "worker")


class Command(BaseCommand):
    help = "Run TryML on this machine, PostgreSQL and Redis too unless DATABASE_URL and REDIS_URL are set."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--only", action="append", choices=ROLES, help="run this role; may be repeated")

    def handle(self, *, only: list[str] | None, **_options: Any) -> None:
        try:
            with stop_on_signals():
                _serve(only or [])
        except Stop:
            pass
        except (StartError, LockedError) as error:
            raise SystemExit(str(error)) from None
        except (Error, psycopg.Error) as error:
            raise SystemExit(f"The database can't be brought up to date: {first_line(error)}") from None
        except OSError as error:
            raise SystemExit(f"{error.filename or 'TryML'}: {error.strerror or error}.") from None


def _serve(only: list[str]) -> None:
    roles = only or ROLES
    address = Address(os.environ.get("HOST") or "127.0.0.1", _number("PORT", 8000, 1, 65535))
    cores = number_of_cores()
    # With more than two cores, two per worker: convolutions compute in two threads.
    workers = _number("WORKERS", cores if cores <= 2 else cores // 2, 1, 64)
    log = Log(sys.stdout)
    with ExitStack() as locks, Supervisor(log) as supervisor:
        if not only:
            locks.enter_context(hold(settings.TRYML_HOME / "serve.lock"))
        if "web" in roles:
            address.check_free()
        for server in _embedded(only):
            locks.enter_context(hold(settings.TRYML_HOME / f"{server.name}.lock"))
            was_elsewhere = server.data.is_symlink()
            supervisor.start(server.child())
            if server.data.is_symlink() and not was_elsewhere:
                log("serve", f"The data of {server.name} lie in {server.data.resolve()}.")
        supervisor.wait_until_ready()
        if "web" in roles or "worker" in roles:
            _bring_up_to_date(log)
        processes = [_web(address)] if "web" in roles else []
        if "worker" in roles:
            processes += [_worker(number + 1) for number in range(workers)]
        # Start at most one process per core at once; first the web process, because people wait for it.
        for start in range(0, len(processes), cores):
            supervisor.start(*processes[start : start + cores])
            supervisor.wait_until_ready()
        log.say(f"TryML is ready at {address.url}" if "web" in roles else f"Running: {', '.join(roles)}.")
        supervisor.watch()


def _number(name: str, default: int, lowest: int, highest: int) -> int:
    text = os.environ.get(name) or str(default)
    number = whole(text, highest)
    if number is not None and number >= lowest:
        return number
    raise StartError(f"{name} must be a whole number from {lowest} to {highest}, not {text!r}.")


def _embedded(only: list[str]) -> list[Postgres | Redis]:
    """Return the embedded servers to start here, check the others, and set both URLs for all children.

    Raises StartError where a needed server can't be reached, or `only` and the environment disagree.
    """
    servers: list[Postgres | Redis] = []
    needed = not only or "web" in only or "worker" in only
    for kind, variable, check in SERVERS:
        server = kind(settings.TRYML_HOME)
        url = os.environ.get(variable)
        if url and server.name in only:
            raise StartError(f"{variable} is set: there is no {server.name} to run here.")
        if not url and (not only or server.name in only):
            servers.append(server)
        elif url and needed:
            check()
        elif needed and not server.is_ready():
            raise StartError(
                f"No {server.name} runs on {settings.TRYML_HOME}: set {variable} or add --only {server.name}."
            )
        os.environ[variable] = url or server.url
    return servers


def _bring_up_to_date(log: Log) -> None:
    """Migrate the database and prepare the datasets, at the same time."""
    failures: list[Exception] = []

    def prepare() -> None:
        try:
            # Here because it imports NumPy, which so loads during the migration.
            from digits import datasets

            datasets.prepare(partial(log, "data"), lambda progress: log.say_in_passing("data", str(progress)))
        except Exception as error:
            failures.append(error)

    # A daemon thread, so that a Ctrl-C doesn't wait for a download.
    digits = Thread(target=prepare, daemon=True)
    digits.start()
    try:
        if migrate_if_needed():
            log("serve", "The database is up to date.")
    finally:
        connection.close()
    digits.join()
    for failure in failures:
        raise failure


def _web(address: Address) -> ChildProcess:
    command = ["-m", "tryml.web_server", address.host, str(address.port)]
    return _python("web", command, env=GIVE_BACK, ready=address.answers)


def _worker(number: int) -> ChildProcess:
    return _python(f"worker-{number}", ["-m", "tryml.worker"], ready_line="is ready")


def _python(
    role: str, arguments: list[str], env: Mapping[str, str] | None = None, **ready: Any
) -> ChildProcess:
    # One thread for linear algebra: a second one would mostly wait for the other processes.
    threads = {name: os.environ.get(name) or "1" for name in THREADS}
    env = {**threads, **(env or {}), "TRYML_ROLE": role, "PYTHONUNBUFFERED": "1"}
    return ChildProcess(role, [sys.executable, *arguments], env, settings.BASE_DIR, **ready)
