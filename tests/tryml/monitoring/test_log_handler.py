"""Log records reach the database, and never hold up or break who logs."""

import logging
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest
from django.db import DataError, OperationalError
from django.test import RequestFactory

from tryml.monitoring.context import about, log_context
from tryml.monitoring.log_handler import DatabaseHandler
from tryml.monitoring.models import LogRecord
from tryml.servers import services

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def make_logger():
    """Makes a logger that speaks to a handler only; with the handler's own parameters."""
    loggers = []

    def make(**parameters):
        logger = logging.Logger(f"tests.{len(loggers)}")
        logger.addHandler(DatabaseHandler(**{"interval": 0.01, "retry": 0.01} | parameters))
        loggers.append(logger)
        return logger

    yield make
    for logger in loggers:
        flush(logger)


def flush(logger):
    logger.handlers[0].flush(timeout=30)


def test_a_record_is_stored_with_all_that_is_known_of_it(make_logger, owner, settings):
    logger = make_logger()
    with about(user=owner.pk, run=7):
        logger.warning("Loss %s", 0.25)
    flush(logger)
    record = LogRecord.objects.get()
    assert (record.message, record.logger, record.get_level_display()) == ("Loss 0.25", "tests.0", "warning")
    assert (record.user, record.run, record.process) == (owner, 7, os.getpid())
    assert (record.role, record.traceback, record.path) == (settings.TRYML_ROLE, "", "")


def test_an_exception_is_stored_with_its_traceback(make_logger):
    logger = make_logger()
    try:
        raise ZeroDivisionError("no")
    except ZeroDivisionError:
        logger.exception("Broken")
    flush(logger)
    assert LogRecord.objects.get().traceback.endswith("ZeroDivisionError: no")


def test_a_record_made_for_a_request_says_which(make_logger):
    logger = make_logger()
    request = RequestFactory().post("/train/")
    log_context(lambda _: logger.error("Inside"))(request)
    logger.error("After it was answered", extra={"request": request, "status_code": 500})
    flush(logger)
    stored = LogRecord.objects.order_by("id").values_list("method", "path", "status")
    assert list(stored) == [("POST", "/train/", None), ("POST", "/train/", 500)]


def test_many_threads_lose_nothing(make_logger):
    logger = make_logger()
    threads = [threading.Thread(target=lambda: [logger.info("x") for _ in range(200)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    flush(logger)
    assert LogRecord.objects.count() == 1600


def test_what_postgresql_cannot_hold_is_written_out(make_logger):
    logger = make_logger()
    logger.info("nul \0 and half a pair \ud800")
    flush(logger)
    assert LogRecord.objects.get().message == "nul \\0 and half a pair \\ud800"


def test_a_message_that_does_not_fit_its_arguments_breaks_nothing(make_logger, capsys):
    logger = make_logger()
    logger.info("%d", "no number")
    logger.info("next")
    flush(logger)
    assert LogRecord.objects.get().message == "next"
    assert "no number" in capsys.readouterr().err


def test_a_record_about_somebody_who_is_gone_is_stored(make_logger):
    logger = make_logger()
    with about(user=123456):
        logger.info("late")
    flush(logger)
    assert LogRecord.objects.select_related("user").get().user is None


def test_statements_and_the_handler_itself_are_not_recorded(make_logger):
    handler = make_logger().handlers[0]
    for name in ("django.db.backends", "django.db.backends.schema", "tryml.monitoring.log_handler"):
        assert not handler.filter(logging.makeLogRecord({"name": name}))


@pytest.fixture
def away(monkeypatch):
    """While its event is set, the database is away."""
    is_away = threading.Event()
    manager = LogRecord._base_manager
    create = manager.bulk_create

    def bulk_create(rows):
        if is_away.is_set():
            raise OperationalError("away")
        return create(rows)

    monkeypatch.setattr(manager, "bulk_create", bulk_create)
    monkeypatch.setattr(type(LogRecord), "_base_manager", manager)
    return is_away


def test_while_the_database_is_away_nobody_waits_and_the_oldest_are_dropped(make_logger, away):
    logger = make_logger(capacity=10, batch=5)
    away.set()
    for number in range(1000):
        logger.info("%d", number)
    away.clear()
    flush(logger)
    messages = list(LogRecord.objects.order_by("id").values_list("message", flat=True))
    told = [message for message in messages if "were dropped" in message]
    assert len(told) == 1
    numbers = [int(message) for message in messages if message not in told]
    assert numbers == sorted(numbers)
    assert numbers[-1] == 999
    assert told[0].split()[0] == str(1000 - len(numbers))


def test_a_batch_that_can_never_be_stored_does_not_keep_out_the_next(make_logger, monkeypatch, away):
    logger = make_logger()
    store = logger.handlers[0]._store
    refused = []

    def refuse_once(rows):
        if not refused:
            refused.append(rows)
            with monkeypatch.context() as patch:
                patch.setattr(
                    LogRecord._base_manager, "bulk_create", lambda _: (_ for _ in ()).throw(DataError)
                )
                return store(rows)
        return store(rows)

    monkeypatch.setattr(logger.handlers[0], "_store", refuse_once)
    logger.info("refused")
    flush(logger)
    logger.info("stored")
    flush(logger)
    messages = list(LogRecord.objects.order_by("id").values_list("message", flat=True))
    assert messages == ["1 log records were dropped: the database was away or too slow.", "stored"]


def test_a_forked_process_writes_its_own_records_and_not_its_parents(make_logger):
    logger = make_logger(interval=0.2)
    logger.info("parent")
    handler = logger.handlers[0]
    queue, handler._process = handler._queue, 0  # as a child finds it
    logger.info("child")
    assert handler._queue is not queue
    flush(logger)
    assert "child" in LogRecord.objects.values_list("message", flat=True)


PROCESS = """
import logging, sys
import django
from django.core.management import call_command
from django.db import connection
django.setup()
call_command("migrate", "monitoring", verbosity=0)
connection.close()
root = logging.getLogger()
handler = next(each for each in root.handlers if type(each).__name__ == "DatabaseHandler")
for line in sys.stdin:
    root.error(line.strip())
    handler.flush(60 if line.startswith("with") else 0.1)
    print(line, end="", flush=True)
from tryml.monitoring.models import LogRecord
records = LogRecord.objects.filter(logger="root").order_by("id")
print(*records.values_list("message", flat=True), sep=";", flush=True)
root.error("last words")
"""


def test_a_process_outlives_a_restart_of_the_database_and_loses_nothing():
    home = Path(tempfile.mkdtemp(prefix="tryml-logs-"))
    home.chmod(0o711)
    try:
        with services(home) as (database, redis):
            environment = os.environ | {"DATABASE_URL": database, "REDIS_URL": redis}
            process = subprocess.Popen(
                [sys.executable, "-c", PROCESS],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                env=environment,
            )  # fmt: skip
            say(process, "with the database")
        say(process, "while it is stopped")
        with services(home):
            say(process, "with the database again")
            output, _ = process.communicate(timeout=60)
            assert output.strip() == "with the database;while it is stopped;with the database again"
            assert process.returncode == 0
    finally:
        process.kill()
        shutil.rmtree(home, ignore_errors=True)


def say(process, line):
    process.stdin.write(f"{line}\n")
    process.stdin.flush()
    assert process.stdout.readline() == f"{line}\n"


def test_without_any_database_a_process_runs_and_ends_as_ever():
    code = (
        "import django, logging; django.setup(); [logging.error('x') for _ in range(20_000)]; print('done')"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"},
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert ended.stdout == "done\n"
    assert "Traceback" not in ended.stderr
