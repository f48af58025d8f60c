"""Log records and events in the admin: searchable, never counted, for administrators only."""

from datetime import UTC, datetime

import pytest
from django.contrib import admin
from django.urls import reverse

from tryml.monitoring.models import Event, Level, LogRecord

LOGS = reverse("admin:monitoring_logrecord_changelist")
EVENTS = reverse("admin:monitoring_event_changelist")
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def log(db):
    def add(message, **fields):
        usual = {
            "time": NOON,
            "logger": "training.worker.actors",
            "role": "worker-1",
            "host": "h",
            "process": 1,
        }
        return LogRecord.objects.create(message=message, **usual | fields)

    return add


def listed(client, url):
    """The messages that the list at `url` shows, in its order."""
    response = client.get(url)
    assert response.status_code == 200
    return [row.message for row in response.context["cl"].result_list]


def test_records_are_listed_newest_first(admins, log):
    log("old", time=NOON.replace(hour=1))
    log("new")
    assert listed(admins, LOGS) == ["new", "old"]


def test_they_are_found_by_level(admins, log):
    log("fine", level=Level.INFO)
    log("bad", level=Level.ERROR)
    assert listed(admins, f"{LOGS}?level=30") == ["bad"]
    assert listed(admins, f"{LOGS}?level=20") == ["bad", "fine"]
    assert len(listed(admins, f"{LOGS}?level=nonsense")) == 2


def test_they_are_found_by_time(admins, log):
    log("morning", time=NOON.replace(hour=8))
    log("evening", time=NOON.replace(hour=20))
    window = "time_from_0=2026-05-01&time_from_1=12:00:00&time_to_0=2026-05-01&time_to_1=23:00:00"
    assert listed(admins, f"{LOGS}?{window}") == ["evening"]
    assert len(listed(admins, f"{LOGS}?time_from_0=2026-05-01&time_to_0=2026-05-01")) == 2
    assert listed(admins, f"{LOGS}?time_from_0=2026-05-02") == []
    assert len(listed(admins, f"{LOGS}?time_from_0=2026-02-31&time_to_0=soon")) == 2, "no date, no filter"


@pytest.mark.parametrize("text", ["owner", "OWNER@example", "pk"])
def test_they_are_found_by_user(admins, log, owner, text):
    log("owner's", user=owner)
    log("nobody's")
    assert listed(admins, f"{LOGS}?user={owner.pk if text == 'pk' else text}") == ["owner's"]


def test_they_are_found_by_run(admins, log):
    log("seven", run=7)
    log("eight", run=8)
    assert listed(admins, f"{LOGS}?run=7") == ["seven"]
    assert listed(admins, f"{LOGS}?run=x") == []
    assert listed(admins, f"{LOGS}?run={'9' * 30}") == []


def test_they_are_found_by_a_part_of_the_message_whatever_its_case(admins, log):
    log("The loss is not a number")
    log("All is well")
    assert listed(admins, f"{LOGS}?q=LOSS") == ["The loss is not a number"]


def test_a_record_is_shown_with_its_traceback_and_links(admins, log, owner, run):
    record = log("Broken", traceback="Traceback <module>", user=owner, run=run.pk)
    page = admins.get(reverse("admin:monitoring_logrecord_change", args=[record.pk])).content.decode()
    assert "<pre>Traceback &lt;module&gt;</pre>" in page
    assert reverse("admin:accounts_user_change", args=[owner.pk]) in page
    assert reverse("admin:training_run_change", args=[run.pk]) in page


def test_the_list_counts_nothing_and_asks_no_more_for_more_rows(
    admins, log, owner, django_assert_max_num_queries
):
    for number in range(60):
        log(str(number), user=owner, run=number)
    with django_assert_max_num_queries(8) as captured:
        assert len(listed(admins, LOGS)) == 50
    assert not [query for query in captured.captured_queries if "COUNT(" in query["sql"]]


def test_there_is_a_next_page(admins, log):
    for number in range(60):
        log(str(number))
    assert len(listed(admins, f"{LOGS}?p=2")) == 10


def test_events_are_listed_searched_and_shown(admins, owner):
    event = Event.objects.create(kind="run failed", message="Run 1: no", user=owner, data={"attempts": 3})
    Event.objects.create(kind="signed up", message="owner signed up")
    assert listed(admins, f"{EVENTS}?q=failed") == ["Run 1: no"]
    page = admins.get(reverse("admin:monitoring_event_change", args=[event.pk])).content.decode()
    assert "attempts" in page


@pytest.mark.parametrize("model", [LogRecord, Event])
def test_what_was_said_cannot_be_changed(admins, log, model):
    log("said")
    Event.objects.create(kind="k", message="said")
    name = model._meta.model_name
    row = model.objects.get()
    assert admins.get(reverse(f"admin:monitoring_{name}_add")).status_code == 403
    assert admins.post(reverse(f"admin:monitoring_{name}_change", args=[row.pk]), {}).status_code == 403
    assert (
        admins.post(reverse(f"admin:monitoring_{name}_delete", args=[row.pk]), {"post": "yes"}).status_code
        == 403
    )
    assert model.objects.get().message == "said"


@pytest.mark.parametrize("browser", ["client", "guests", "owners"])
def test_nobody_but_administrators_sees_any_page_of_the_admin(request, db, browser):
    client = request.getfixturevalue(browser)
    urls = [reverse("admin:index")]
    urls += [
        reverse(f"admin:{m._meta.app_label}_{m._meta.model_name}_changelist") for m in admin.site._registry
    ]
    for url in urls:
        response = client.get(url, follow=True)
        refused = response.status_code == 403 or response.redirect_chain[-1][0].startswith("/accounts/login/")
        assert refused, url
