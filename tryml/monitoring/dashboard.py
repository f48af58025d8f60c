"""The administrator's first page: what is wrong now, then how much is going on."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDate
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from tryml.monitoring.models import Event, Level, LogRecord

DAYS = 14


@dataclass(frozen=True)
class Trouble:
    """Something that is wrong now, in a line, and where to look; the lower the rank, the worse."""

    text: str
    detail: str
    url: str
    rank: int
    level: str = "danger"


@dataclass(frozen=True)
class Bar:
    """A day of a bar chart; `percent` of the highest bar."""

    label: str
    value: int
    percent: int


class Chart(NamedTuple):
    """Rows, counted by the day of one of their fields."""

    title: str
    rows: QuerySet[Any]
    field: str


@dataclass(frozen=True)
class Source:
    """What an application shows on the dashboard, see training.health; each function is called for each view."""

    troubles: Callable[[datetime], list[Trouble]] = lambda now: []
    figures: Callable[[datetime], list[tuple[str, str]]] = lambda now: []
    charts: Callable[[], list[Chart]] = list


_sources: list[Source] = []


def register(source: Source) -> None:
    """Show what the application tells on the dashboard, behind those that registered before it."""
    _sources.append(source)


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add to the admin index's context what its template shows; called by django-unfold."""
    now = timezone.now()
    return context | {
        "title": "Dashboard",
        "troubles": troubles(now),
        "figures": figures(now),
        "charts": [(chart.title, bars(chart.rows, chart.field, now)) for chart in _charts()],
        "events": Event.objects.select_related("user")[:10],
    }


def troubles(now: datetime) -> list[Trouble]:
    """What is wrong at `now`, the worst first; empty when all is well."""
    found = [trouble for source in _sources for trouble in source.troubles(now)]
    return sorted([*found, *_errors(now)], key=lambda trouble: trouble.rank)


def _charts() -> list[Chart]:
    errors = Chart("Errors logged a day", LogRecord.objects.filter(level__gte=Level.ERROR), "time")
    return [*(chart for source in _sources for chart in source.charts()), errors]


def _errors(now: datetime) -> list[Trouble]:
    errors = LogRecord.objects.filter(level__gte=Level.ERROR, time__gte=now - timedelta(hours=1))
    count, last = errors.count(), errors.first()
    url = f"{reverse('admin:monitoring_logrecord_changelist')}?level={Level.ERROR}"
    text = f"{many(count, 'error')} logged in the last hour"
    return [Trouble(text, last.message, url, rank=1)] if last else []


def figures(now: datetime) -> list[tuple[str, str]]:
    """Names and values of the numbers that say how much is going on at `now`."""
    return [figure for source in _sources for figure in source.figures(now)]


def bars(rows: QuerySet[Any], field: str, now: datetime) -> list[Bar]:
    """Count `rows` by the day of their `field`, for the last `DAYS` days up to `now`."""
    first = midnight(now) - timedelta(days=DAYS - 1)
    counted = rows.filter(**{f"{field}__gte": first}).order_by().annotate(day=TruncDate(field))
    counts = dict(counted.values_list("day").annotate(Count("pk")))
    days = [(first + timedelta(days=each)).date() for each in range(DAYS)]
    highest = max(counts.values(), default=0) or 1
    return [
        Bar(f"{day:%-d %b}", counts.get(day, 0), round(100 * counts.get(day, 0) / highest)) for day in days
    ]


def midnight(now: datetime) -> datetime:
    """The start of the day of `now`."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def many(count: int, noun: str) -> str:
    """A count and its noun: "1 run", "2 runs"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
