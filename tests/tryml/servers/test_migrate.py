import os
import subprocess
import sys

import psycopg
import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from tryml.servers.migrate import _migrations, migrate_if_needed

MIGRATE = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "tryml.settings"
from django.apps import apps
from tryml.servers.migrate import migrate_if_needed
migrate_if_needed()
print(apps.ready, flush=True)
assert not migrate_if_needed()
"""


@pytest.fixture
def empty_database(db):
    """The URL of a database without tables."""
    parameters = {**connection.get_connection_params(), "dbname": "postgres"}
    with psycopg.connect(**parameters, autocommit=True) as session:
        session.execute("CREATE DATABASE migrating")
        info = session.info
        port = "" if info.host.startswith("/") else f":{info.port}"
        user = f"{info.user}:{info.password}" if info.password else info.user
        yield f"postgresql://{user}@{info.host.replace('/', '%2F')}{port}/migrating"
        session.execute("DROP DATABASE migrating WITH (FORCE)")


def test_machines_that_start_at_once_on_an_empty_database_migrate_it_once(empty_database):
    # given
    command = [sys.executable, "-W", "error", "-c", MIGRATE]
    environment = {**os.environ, "DATABASE_URL": empty_database}

    # when
    machines = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) for _ in range(2)]

    # then
    assert [machine.communicate()[0] for machine in machines] == [b"True\n", b"True\n"]
    assert [machine.returncode for machine in machines] == [0, 0]
    # and: where nothing is left to do, no application is loaded
    third = subprocess.run(command, env=environment, capture_output=True, check=True)
    assert third.stdout == b"False\n"


def test_the_migrations_are_those_that_django_finds(db):
    assert _migrations() == set(MigrationLoader(connection).disk_migrations)


def test_nothing_is_done_where_nothing_is_left_to_do(db):
    assert migrate_if_needed() is False
