#!/usr/bin/env python
"""TryML's commands: `python manage.py serve`, `createadmin`, and Django's own."""

import os
import sys
from importlib import import_module

from dj_database_url import ParseError, UnknownSchemeError
from django.core.management import execute_from_command_line

DATABASE_URL = "DATABASE_URL is not of the form postgresql://user:password@host:5432/name (with %2F for a /)."


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tryml.settings")
    try:
        settings = import_module(os.environ["DJANGO_SETTINGS_MODULE"])
    except OSError as error:
        sys.exit(f"{error.filename}: {error.strerror}. Set TRYML_HOME to a folder that can be written to.")
    except (ParseError, UnknownSchemeError):
        sys.exit(DATABASE_URL)
    if settings.DATABASES["default"]["ENGINE"] != "django.db.backends.postgresql":
        sys.exit(DATABASE_URL)
    try:
        _run(sys.argv)
    except KeyboardInterrupt:
        sys.exit(130)


def _run(arguments: list[str]) -> None:
    if arguments[1:2] == ["serve"]:
        # The supervisor needs none of the applications, and loading them takes a second.
        from tryml.management.commands.serve import Command

        Command().run_from_argv(arguments)
    else:
        execute_from_command_line(arguments)


if __name__ == "__main__":
    main()
