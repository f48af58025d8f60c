"""Stores log records in the database without delaying the code that logs."""

import logging
import os
import socket
import threading
import time
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import AppRegistryNotReady
from django.db import InterfaceError, OperationalError, ProgrammingError, connection
from django.utils import timezone

from tryml.monitoring.context import current

HOST = socket.gethostname()
# Loggers that speak of each statement sent, those that storing a record takes included.
IGNORED = ("django.db.backends", "tryml.monitoring.log_handler")
# Characters; what is longer is cut.
LONGEST_MESSAGE, LONGEST_TRACEBACK = 10_000, 50_000

Row = dict[str, Any]


class DatabaseHandler(logging.Handler):
    """Keeps records in a bounded queue that a thread of its own writes to the database in batches.

    While the database is away the queue fills up; then the oldest records are dropped, counted, and spoken of
    in a record once it is back. What is in the queue when a process is killed is lost: half a second's worth.
    """

    def __init__(self, capacity: int = 10_000, batch: int = 500, interval: float = 0.5, retry: float = 1.0):
        super().__init__()
        self.capacity, self.batch, self.interval, self.retry = capacity, batch, interval, retry
        self._process = 0
        self._writer: int | None = None

    def filter(self, record: logging.LogRecord) -> bool:
        own = record.name.startswith(IGNORED) or record.thread == self._writer
        return not own and bool(super().filter(record))

    def emit(self, record: logging.LogRecord) -> None:
        try:
            if self._process != os.getpid():
                self._start()
            self._make_room()
            self._queue.put(self._row(record))
        except Exception:
            self.handleError(record)

    def flush(self, timeout: float = 2.0) -> None:
        """Wait until all that was logged before is stored, but no longer than `timeout` seconds."""
        if self._process != os.getpid():
            return
        written = threading.Event()
        self._queue.put(written)
        written.wait(timeout)

    def _start(self) -> None:
        # In a forked child too: the parent's thread and what it has yet to write stay with the parent.
        self._queue: SimpleQueue[Row | threading.Event] = SimpleQueue()
        # Two counts, since each thread may only write its own.
        self._dropped = self._told = 0
        self._process = os.getpid()
        threading.Thread(target=self._write_on, name="log writer", daemon=True).start()

    def _make_room(self) -> None:
        while self._queue.qsize() >= self.capacity:
            try:
                self._queue.get_nowait()
            except Empty:
                return
            self._dropped += 1

    def _row(self, record: logging.LogRecord) -> Row:
        about = current()
        request = getattr(record, "request", None) or about.request
        traceback = logging.Formatter().formatException(record.exc_info) if record.exc_info else ""
        return {
            "time": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelno,
            "logger": _storable(record.name, 200),
            "message": _storable(record.getMessage(), LONGEST_MESSAGE),
            "traceback": _storable(traceback, LONGEST_TRACEBACK),
            "role": settings.TRYML_ROLE,
            "host": HOST,
            "process": record.process,
            "user_id": about.user,
            "run": about.run,
            "method": getattr(request, "method", None) or "",
            "path": _storable(getattr(request, "path", ""), 500),
            "status": getattr(record, "status_code", None),
        }

    def _write_on(self) -> None:
        self._writer = threading.get_ident()
        while True:
            rows, flushes = self._gather()
            while rows and not self._store(rows):
                time.sleep(self.retry)
            for written in flushes:
                written.set()

    def _gather(self) -> tuple[list[Row], list[threading.Event]]:
        """Wait for a record, then for more until the batch is full, time is up or somebody flushes."""
        rows: list[Row] = []
        flushes: list[threading.Event] = []
        until: float | None = None
        while len(rows) < self.batch and not flushes:
            try:
                item = self._queue.get(timeout=None if until is None else max(0, until - time.monotonic()))
            except Empty:
                break
            until = until or time.monotonic() + self.interval
            if isinstance(item, threading.Event):
                flushes.append(item)
            else:
                rows.append(item)
        return rows, flushes

    def _store(self, rows: list[Row]) -> bool:
        """Write `rows`; False when it is worth trying again later."""
        dropped = self._dropped - self._told
        try:
            model = apps.get_model("monitoring", "LogRecord")
            try:
                gap = [self._gap(rows[0], dropped)] if dropped else []
                model._base_manager.bulk_create([model(**row) for row in gap + rows])
            finally:
                connection.close()
        except (AppRegistryNotReady, OperationalError, InterfaceError, ProgrammingError):
            # Not started yet, away, or not migrated yet.
            return False
        except Exception:
            # A batch that can never be stored must not keep out all that follow it.
            self._told -= len(rows)
            return True
        self._told += dropped
        return True

    def _gap(self, row: Row, dropped: int) -> Row:
        message = f"{dropped} log records were dropped: the database was away or too slow."
        empty = {"user_id": None, "run": None, "traceback": "", "method": "", "path": "", "status": None}
        own = {"time": timezone.now(), "level": logging.WARNING, "logger": __name__, "message": message}
        return row | empty | own


def _storable(text: str, longest: int) -> str:
    """Return `text` without what PostgreSQL can't hold: NUL and halves of surrogate pairs."""
    return text[:longest].replace("\0", "\\0").encode(errors="backslashreplace").decode()
