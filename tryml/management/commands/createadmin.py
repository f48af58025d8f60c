"""Makes an administrator, whether TryML runs or not: `manage.py createadmin`."""

import os
import sys
from argparse import ArgumentParser
from typing import Any

import psycopg
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from tryml.processes.process import StartError
from tryml.servers import services
from tryml.servers.migrate import migrate_if_needed
from tryml.servers.reachability import first_line


class Command(BaseCommand):
    help = (
        "Make an administrator. Asks for nothing where the name is given, by option or in "
        "TRYML_ADMIN_USERNAME, and the password, in TRYML_ADMIN_PASSWORD or DJANGO_SUPERUSER_PASSWORD."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--username", default=os.environ.get("TRYML_ADMIN_USERNAME"))
        parser.add_argument("--email", default=os.environ.get("TRYML_ADMIN_EMAIL"))

    def handle(self, *, username: str | None, email: str | None, **_options: Any) -> None:
        try:
            with services(settings.TRYML_HOME):
                migrate_if_needed()
                self._create(username, email)
        except StartError as error:
            raise CommandError(str(error)) from None
        except (Error, psycopg.Error) as error:
            raise CommandError(f"The database can't be brought up to date: {first_line(error)}") from None
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        except EOFError:
            raise CommandError("Cancelled.") from None

    def _create(self, username: str | None, email: str | None) -> None:
        User = get_user_model()
        password = os.environ.get("TRYML_ADMIN_PASSWORD") or os.environ.get("DJANGO_SUPERUSER_PASSWORD")
        if username and User.objects.filter(username__iexact=username).exists():
            raise CommandError(f"There is a user called {username} already.")
        if username and password:
            # createsuperuser checks a password only if it prompts for it.
            validate_password(password, User(username=username, email=email or ""))
            os.environ["DJANGO_SUPERUSER_PASSWORD"] = password
            call_command(
                "createsuperuser", username=username, email=email or "", interactive=False, verbosity=0
            )
        elif sys.stdin.isatty():
            call_command("createsuperuser", username=username, email=email, verbosity=0)
        else:
            raise CommandError("Nobody to ask: set TRYML_ADMIN_USERNAME and TRYML_ADMIN_PASSWORD.")
        self.stdout.write("The administrator can sign in at /admin/.")
