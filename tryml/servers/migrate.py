"""Brings the database's tables up to date with the models of this version."""

from importlib.util import find_spec
from pathlib import Path

import django
import psycopg
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection

# The number of TryML's PostgreSQL advisory lock; the process that holds it is migrating.
LOCK = 0x7472796D6C


def migrate_if_needed() -> bool:
    """Apply the migrations that are not yet applied, and say whether there were any.

    When many machines start at once, one applies them and the others wait. Where none is left to apply, this
    loads no application and takes a few milliseconds. Raises psycopg.Error or django.db.Error.
    """
    if _is_current():
        return False
    if not apps.ready:
        django.setup()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        try:
            # 1. Machines A and B both find migrations to apply. 2. A takes the lock and applies them while
            # B waits for it. 3. B gets the lock and finds nothing left to apply.
            if not _is_current():
                call_command("migrate", interactive=False, verbosity=0)
                call_command("createcachetable", verbosity=0)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
    return True


def _is_current() -> bool:
    """Say whether all migrations are applied, by their names: Django's own check loads every application."""
    with psycopg.connect(**connection.get_connection_params()) as session:
        if session.execute("SELECT to_regclass('django_migrations')").fetchone() == (None,):
            return False
        return _migrations() <= set(session.execute("SELECT app, name FROM django_migrations"))


def _migrations() -> set[tuple[str, str]]:
    packages = [(app, find_spec(app)) for app in settings.INSTALLED_APPS]
    return {
        (app.rpartition(".")[2], file.stem)
        for app, package in packages
        if package and package.origin
        for file in Path(package.origin).parent.glob("migrations/[!_]*.py")
    }
