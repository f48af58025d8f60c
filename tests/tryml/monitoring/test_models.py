from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from tryml.monitoring.models import Event, LogRecord


@pytest.fixture
def log(db):
    def add(days=0, **fields):
        time = timezone.now() - timedelta(days=days)
        usual = {"logger": "a", "message": "m", "role": "web", "host": "h", "process": 1, "time": time}
        return LogRecord.objects.create(**usual | fields)

    return add


def test_the_newest_record_comes_first(log):
    records = [log(days=2), log(days=0), log(days=1)]
    assert list(LogRecord.objects.all()) == [records[1], records[2], records[0]]


def test_a_level_of_somebodys_own_is_shown_as_a_number(log):
    assert log(level=40).get_level_display() == "error"
    assert log(level=25).get_level_display() == 25


def test_old_records_are_pruned_and_young_ones_kept(log, capsys):
    log(days=31), log(days=29)
    Event.objects.create(kind="k", message="old", time=timezone.now() - timedelta(days=91))
    Event.objects.create(kind="k", message="young", time=timezone.now() - timedelta(days=89))
    call_command("prune")
    assert LogRecord.objects.count() == 1
    assert Event.objects.get().message == "young"
    assert capsys.readouterr().out == "Deleted 1 log records and 1 events.\n"


def test_how_long_to_keep_is_for_the_administrator_to_say(log):
    log(days=3)
    call_command("prune", logs=2, verbosity=0)
    assert not LogRecord.objects.exists()


def test_pruning_takes_one_statement_however_many_rows_there_are(log, django_assert_num_queries):
    for _ in range(3):
        log(days=31)
    with django_assert_num_queries(1):
        assert LogRecord.prune(30) == 3
