"""Keeps the database's tables at what the models of this version need."""

from pathlib import Path

from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

# Any number of our own: whoever holds it is migrating.
LOCK = 0x7472796D6C


def migrate_if_needed() -> bool:
    """Apply the migrations that are not yet applied and say whether there were any.

    Of many machines that start at once one does it and the others wait. Quick where nothing is left to do.
    """
    if not _pending():
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        try:
            if _pending():
                call_command("migrate", interactive=False, verbosity=0)
                call_command("createcachetable", verbosity=0)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
    return True


def _pending() -> bool:
    # By name: Django's own check imports every migration first.
    return not _all_migrations() <= set(MigrationRecorder(connection).applied_migrations())


def _all_migrations() -> set[tuple[str, str]]:
    return {
        (app.label, file.stem)
        for app in apps.get_app_configs()
        for file in Path(app.path, "migrations").glob("[!_]*.py")
    }
