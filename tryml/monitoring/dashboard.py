"""The administrator's first page: current problems first, then figures of use."""

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
    """A current problem in one line, a detail, and the page to look at; the lower the rank, the worse."""

    text: str
    detail: str
    url: str
    rank: int
    level: str = "danger"


@dataclass(frozen=True)
class Bar:
    """One day of a bar chart; `percent` is its height relative to the highest bar."""

    label: str
    value: int
    percent: int


class Chart(NamedTuple):
    """Rows to be counted per day of one of their date fields."""

    title: str
    rows: QuerySet[Any]
    field: str


@dataclass(frozen=True)
class Source:
    """An application's part of the dashboard, as in training.health; its functions are called at each view."""

    troubles: Callable[[datetime], list[Trouble]] = lambda now: []
    figures: Callable[[datetime], list[tuple[str, str]]] = lambda now: []
    charts: Callable[[], list[Chart]] = list


_sources: list[Source] = []


def register(source: Source) -> None:
    """Add an application's part to the dashboard, after the parts registered before."""
    _sources.append(source)


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Return the context of the admin's index page with the dashboard's data added; called by django-unfold."""
    now = timezone.now()
    return context | {
        "title": "Dashboard",
        "troubles": troubles(now),
        "figures": figures(now),
        "charts": [(chart.title, bars(chart.rows, chart.field, now)) for chart in _charts()],
        "events": Event.objects.select_related("user")[:10],
    }


def troubles(now: datetime) -> list[Trouble]:
    """Return the problems at `now`, the worst first; empty when there are none."""
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
    """Return the names and values of the figures of use at `now`."""
    return [figure for source in _sources for figure in source.figures(now)]


def bars(rows: QuerySet[Any], field: str, now: datetime) -> list[Bar]:
    """Count `rows` per day of their `field`, for the last `DAYS` days up to `now`."""
    first = midnight(now) - timedelta(days=DAYS - 1)
    counted = rows.filter(**{f"{field}__gte": first}).order_by().annotate(day=TruncDate(field))
    counts = dict(counted.values_list("day").annotate(Count("pk")))
    days = [(first + timedelta(days=each)).date() for each in range(DAYS)]
    highest = max(counts.values(), default=0) or 1
    return [
        Bar(f"{day:%-d %b}", counts.get(day, 0), round(100 * counts.get(day, 0) / highest)) for day in days
    ]


def midnight(now: datetime) -> datetime:
    """Return the start of the day of `now`."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def many(count: int, noun: str) -> str:
    """Write a count and its noun: "1 run", "2 runs"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
