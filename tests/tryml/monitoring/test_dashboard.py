from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from training.models import Run, Status
from tryml.monitoring.dashboard import DAYS, bars, figures, troubles
from tryml.monitoring.events import record
from tryml.monitoring.models import Level, LogRecord


@pytest.fixture
def now(db):
    return timezone.now()


def add_error(time):
    LogRecord.objects.create(
        time=time, level=Level.ERROR, logger="a", message="Broken", role="web", host="h", process=1
    )


def texts(now):
    return [trouble.text for trouble in troubles(now)]


def test_when_all_is_well_the_page_says_so(admins):
    page = admins.get(reverse("admin:index")).content.decode()
    assert "Nothing: no errors" in page


def test_errors_of_the_last_hour_are_a_trouble_and_older_ones_are_not(now):
    add_error(now - timedelta(hours=2))
    assert texts(now) == []
    add_error(now)
    assert texts(now) == ["1 error logged in the last hour"]


def test_runs_that_failed_lately_are_a_trouble(now, make_run):
    make_run(status=Status.FAILED, finished_at=now - timedelta(days=2))
    assert texts(now) == []
    make_run(status=Status.FAILED, finished_at=now, reason="The loss is not a number.")
    assert [(trouble.text, trouble.detail) for trouble in troubles(now)] == [
        ("1 run failed in the last day", "Run 1: The loss is not a number.")
    ]


def test_runs_that_wait_for_long_are_a_trouble(now, make_run):
    make_run(queued_at=now)
    assert texts(now) == []
    make_run(queued_at=now - timedelta(minutes=9))
    make_run(queued_at=now - timedelta(minutes=7))
    assert texts(now) == ["2 runs waiting for more than 5 minutes"]


def test_workers_that_are_silent_are_the_first_trouble(now, make_run):
    add_error(now)
    make_run(status=Status.RUNNING, worker="host:1", heartbeat_at=now)
    make_run(status=Status.RUNNING, worker="host:2", heartbeat_at=now - timedelta(minutes=1))
    first = troubles(now)[0]
    assert (first.text, first.detail) == ("1 worker silent for more than 6 seconds", "host:2")


def test_each_trouble_leads_to_its_rows(admins, now, make_run):
    make_run(status=Status.FAILED, finished_at=now)
    make_run(queued_at=now - timedelta(minutes=9))
    make_run(status=Status.RUNNING, worker="host:2", heartbeat_at=now - timedelta(minutes=1))
    for trouble in troubles(now):
        rows = admins.get(trouble.url).context["cl"].result_list
        assert len(rows) == 1


def test_figures_tell_members_from_guests_and_count_runs_by_status(now, owner, guest, make_run):
    make_run(status=Status.FINISHED, finished_at=now, seconds=90)
    make_run(status=Status.RUNNING, seconds=10)
    earlier = make_run(status=Status.FAILED, finished_at=now - timedelta(days=3), seconds=500)
    Run.objects.filter(pk=earlier.pk).update(created_at=now - timedelta(days=3))
    found = dict(figures(now))
    assert found["Accounts"] == found["Guests"] == "1"
    assert (found["Runs"], found["Queued today"]) == ("3", "2")
    assert (found["Running now"], found["Finished today"], found["Failed today"]) == ("1", "1", "0")
    assert found["Trained today"] == "1 min 40 s"


def test_bars_count_each_day_and_show_days_without_any(now):
    add_error(now)
    add_error(now)
    add_error(now - timedelta(days=DAYS - 1))
    add_error(now - timedelta(days=DAYS))
    drawn = bars(LogRecord.objects.all(), "time", now)
    assert len(drawn) == DAYS
    assert [bar.value for bar in drawn] == [1] + [0] * (DAYS - 2) + [2]
    assert (drawn[0].percent, drawn[-1].percent) == (50, 100)


def test_the_page_shows_the_last_events_and_asks_little(admins, owner, django_assert_max_num_queries):
    for _ in range(20):
        record("signed up", "owner signed up", user=owner)
    with django_assert_max_num_queries(20):
        page = admins.get(reverse("admin:index")).content.decode()
    assert page.count("<strong>signed up</strong>") == 10


def test_what_was_logged_cannot_inject_markup(admins, now):
    record("run failed", "<script>alert(1)</script>", level="error")
    assert "<script>alert" not in admins.get(reverse("admin:index")).content.decode()
