"""The administrator's first page: what is wrong now, then how much is going on."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from tryml.monitoring.models import Event, Level, LogRecord

# A run that waits for longer than this is worth a look.
LONG_WAIT = timedelta(minutes=5)
DAYS = 14


@dataclass(frozen=True)
class Trouble:
    """Something that is wrong now, in a line, and where to look."""

    text: str
    detail: str
    url: str
    level: str = "danger"


@dataclass(frozen=True)
class Bar:
    """A day of a bar chart; `percent` of the highest bar."""

    label: str
    value: int
    percent: int


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add to the admin index's context what its template shows; called by django-unfold."""
    now = timezone.now()
    return context | {
        "title": "Dashboard",
        "troubles": troubles(now),
        "figures": figures(now),
        "charts": [
            ("Runs queued a day", bars(_runs().all(), "created_at", now)),
            ("Errors logged a day", bars(LogRecord.objects.filter(level__gte=Level.ERROR), "time", now)),
        ],
        "events": Event.objects.select_related("user")[:10],
    }


def troubles(now: datetime) -> list[Trouble]:
    """What is wrong at `now`, the worst first; empty when all is well."""
    found = [_silent(now), _errors(now), _failed(now), _waiting(now)]
    return [trouble for trouble in found if trouble]


def _errors(now: datetime) -> Trouble | None:
    errors = LogRecord.objects.filter(level__gte=Level.ERROR, time__gte=now - timedelta(hours=1))
    count, last = errors.count(), errors.first()
    url = f"{reverse('admin:monitoring_logrecord_changelist')}?level={Level.ERROR}"
    return Trouble(f"{_many(count, 'error')} logged in the last hour", last.message, url) if last else None


def _failed(now: datetime) -> Trouble | None:
    failed = _runs().filter(status="failed", finished_at__gte=now - timedelta(days=1))
    count, last = failed.count(), failed.order_by("-finished_at").first()
    if last is None:
        return None
    url = f"{reverse('admin:training_run_changelist')}?status__exact=failed"
    return Trouble(f"{_many(count, 'run')} failed in the last day", f"{last}: {last.reason}", url)


def _waiting(now: datetime) -> Trouble | None:
    waiting = _runs().filter(status="queued", queued_at__lt=now - LONG_WAIT)
    count, first = waiting.count(), waiting.order_by("queued_at").first()
    if first is None:
        return None
    minutes = (now - first.queued_at) // timedelta(minutes=1)
    url = f"{reverse('admin:training_run_changelist')}?status__exact=queued"
    text = f"{_many(count, 'run')} waiting for more than {LONG_WAIT // timedelta(minutes=1)} minutes"
    return Trouble(text, f"The first has waited {minutes} minutes. Are there enough workers?", url, "warning")


def _silent(now: datetime) -> Trouble | None:
    silent = _runs().filter(status="running", heartbeat_at__lt=now - timedelta(seconds=settings.RUN_LEASE))
    workers = sorted(set(silent.values_list("worker", flat=True)))
    url = f"{reverse('admin:training_run_changelist')}?status__exact=running"
    text = f"{_many(len(workers), 'worker')} silent for more than {settings.RUN_LEASE} seconds"
    return Trouble(text, ", ".join(workers), url) if workers else None


def figures(now: datetime) -> list[tuple[str, str]]:
    """Names and values of the numbers that say how much is going on at `now`."""
    today = _midnight(now)
    users = get_user_model().objects.aggregate(
        accounts=Count("pk", filter=Q(is_guest=False)), guests=Count("pk", filter=Q(is_guest=True))
    )
    runs = _runs().aggregate(
        all=Count("pk"),
        today=Count("pk", filter=Q(created_at__gte=today)),
        running=Count("pk", filter=Q(status="running")),
        queued=Count("pk", filter=Q(status="queued")),
        finished=Count("pk", filter=Q(status="finished", finished_at__gte=today)),
        failed=Count("pk", filter=Q(status="failed", finished_at__gte=today)),
        seconds=Sum("seconds", filter=Q(created_at__gte=today), default=0.0),
    )
    return [
        ("Accounts", f"{users['accounts']:,}"),
        ("Guests", f"{users['guests']:,}"),
        ("Runs", f"{runs['all']:,}"),
        ("Running now", f"{runs['running']:,}"),
        ("In line now", f"{runs['queued']:,}"),
        ("Queued today", f"{runs['today']:,}"),
        ("Finished today", f"{runs['finished']:,}"),
        ("Failed today", f"{runs['failed']:,}"),
        ("Trained today", _duration(runs["seconds"])),
    ]


def bars(rows: QuerySet[Any], field: str, now: datetime) -> list[Bar]:
    """Count `rows` by the day of their `field`, for the last `DAYS` days up to `now`."""
    first = _midnight(now) - timedelta(days=DAYS - 1)
    counted = rows.filter(**{f"{field}__gte": first}).order_by().annotate(day=TruncDate(field))
    counts = dict(counted.values_list("day").annotate(Count("pk")))
    days = [(first + timedelta(days=each)).date() for each in range(DAYS)]
    highest = max(counts.values(), default=0) or 1
    return [
        Bar(f"{day:%-d %b}", counts.get(day, 0), round(100 * counts.get(day, 0) / highest)) for day in days
    ]


def _runs() -> QuerySet[Any]:
    # By name: this application knows none of the others.
    return apps.get_model("training", "Run")._base_manager.all()


def _midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
