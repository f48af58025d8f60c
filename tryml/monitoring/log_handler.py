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
# Loggers of the database's statements and of this module: storing their records would log new ones without end.
IGNORED = ("django.db.backends", "tryml.monitoring.log_handler")
# In characters; longer texts are cut.
LONGEST_MESSAGE, LONGEST_TRACEBACK = 10_000, 50_000

Row = dict[str, Any]


class DatabaseHandler(logging.Handler):
    """Puts records into a bounded queue, from which a thread writes them to the database in batches.

    While the database is down, the queue fills up. Then the oldest records are dropped and counted, and a
    record tells their number once the database is back. When a process is killed, the records in its queue
    are lost: usually those of the last half second. `capacity` and `batch` count records; `interval` and
    `retry` are seconds.
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
        """Wait until all records logged before are stored, but no longer than `timeout` seconds."""
        if self._process != os.getpid():
            return
        written = threading.Event()
        self._queue.put(written)
        written.wait(timeout)

    def _start(self) -> None:
        # In a forked child too: 1. The parent forks. 2. The child has a copy of the queue, but no thread to
        # write it. 3. The parent still writes what is in the queue. So the child needs a thread and an empty queue.
        self._queue: SimpleQueue[Row | threading.Event] = SimpleQueue()
        # Two counts: loggers change the first and the writer the second, so that no change is lost.
        self._dropped = self._told = 0
        self._process = os.getpid()
        threading.Thread(target=self._write_on, name="log writer", daemon=True).start()

    def _make_room(self) -> None:
        while self._queue.qsize() >= self.capacity:
            try:
                self._queue.get_nowait()
            except Empty:
                # 1. We find the queue full. 2. The writer empties it. 3. There is nothing left to drop.
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
        """Wait for a record, then for more until the batch is full, `interval` is over or `flush` is called."""
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
        """Write `rows`; return False if a later try may succeed."""
        dropped = self._dropped - self._told
        try:
            model = apps.get_model("monitoring", "LogRecord")
            try:
                gap = [self._gap(rows[0], dropped)] if dropped else []
                model._base_manager.bulk_create([model(**row) for row in gap + rows])
            finally:
                connection.close()
        except (AppRegistryNotReady, OperationalError, InterfaceError, ProgrammingError):
            # Django is still loading, or the database is down or not migrated yet.
            return False
        except Exception:
            # A batch that can never be stored must not block the later ones; its rows count as dropped.
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
    """Cut `text` to `longest` characters and escape what PostgreSQL can't store: NUL and lone surrogates."""
    return text[:longest].replace("\0", "\\0").encode(errors="backslashreplace").decode()
