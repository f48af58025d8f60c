"""Deletes old log records, events and sessions: `manage.py prune`, once a day."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from tryml.monitoring.models import Event, LogRecord


class Command(BaseCommand):
    help = "Delete log records and events that are older than so many days, and sessions that have expired."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--logs", type=int, default=30, metavar="DAYS", help="keep log records for (30)")
        parser.add_argument("--events", type=int, default=90, metavar="DAYS", help="keep events for (90)")

    def handle(self, *, logs: int, events: int, **options: Any) -> None:
        records, happenings = LogRecord.prune(logs), Event.prune(events)
        call_command("clearsessions")
        if options["verbosity"]:
            self.stdout.write(f"Deleted {records} log records and {happenings} events.")
