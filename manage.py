#!/usr/bin/env python
"""TryML's commands: `python manage.py serve`, `createadmin`, and Django's own."""

import os
import sys
from importlib import import_module

from django.core.management import execute_from_command_line


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tryml.settings")
    if sys.argv[1:2] == ["serve"]:
        os.environ.setdefault("TRYML_ROLE", "serve")
    try:
        import_module(os.environ["DJANGO_SETTINGS_MODULE"])
    except OSError as error:
        sys.exit(f"{error.filename}: {error.strerror}. Set TRYML_HOME to a folder that can be written to.")
    except ValueError as error:
        sys.exit(f"DATABASE_URL: {error}")
    try:
        execute_from_command_line(sys.argv)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
