"""The runs' part of the administrator's dashboard."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Q, Sum
from django.urls import reverse

from training.models import Run, Status
from tryml.durations import duration
from tryml.monitoring.dashboard import Chart, Trouble, many, midnight

# The dashboard warns of runs queued for longer than this.
LONG_WAIT = timedelta(minutes=5)


def troubles(now: datetime) -> list[Trouble]:
    """Problems at `now`: silent workers, runs failed in the last day, runs queued too long."""
    found = [_silent(now), _failed(now), _waiting(now)]
    return [trouble for trouble in found if trouble]


def figures(now: datetime) -> list[tuple[str, str]]:
    """Numbers of runs by status, and the training time of today's runs, as (label, text)."""
    today = midnight(now)
    runs = Run.objects.aggregate(
        all=Count("pk"),
        today=Count("pk", filter=Q(created_at__gte=today)),
        running=Count("pk", filter=Q(status=Status.RUNNING)),
        queued=Count("pk", filter=Q(status=Status.QUEUED)),
        finished=Count("pk", filter=Q(status=Status.FINISHED, finished_at__gte=today)),
        failed=Count("pk", filter=Q(status=Status.FAILED, finished_at__gte=today)),
        seconds=Sum("seconds", filter=Q(created_at__gte=today), default=0.0),
    )
    return [
        ("Runs", f"{runs['all']:,}"),
        ("Running now", f"{runs['running']:,}"),
        ("In line now", f"{runs['queued']:,}"),
        ("Queued today", f"{runs['today']:,}"),
        ("Finished today", f"{runs['finished']:,}"),
        ("Failed today", f"{runs['failed']:,}"),
        ("Trained today", duration(runs["seconds"])),
    ]


def charts() -> list[Chart]:
    """The number of runs queued on each day."""
    return [Chart("Runs queued a day", Run.objects.all(), "created_at")]


def _silent(now: datetime) -> Trouble | None:
    silence = timedelta(seconds=settings.RUN_LEASE)
    silent = Run.objects.filter(status=Status.RUNNING, heartbeat_at__lt=now - silence)
    workers = sorted(set(silent.values_list("worker", flat=True)))
    text = f"{many(len(workers), 'worker')} silent for more than {settings.RUN_LEASE} seconds"
    return Trouble(text, ", ".join(workers), _listed(Status.RUNNING), rank=0) if workers else None


def _failed(now: datetime) -> Trouble | None:
    failed = Run.objects.filter(status=Status.FAILED, finished_at__gte=now - timedelta(days=1))
    last = failed.order_by("-finished_at").first()
    if last is None:
        return None
    text = f"{many(failed.count(), 'run')} failed in the last day"
    return Trouble(text, f"{last}: {last.reason}", _listed(Status.FAILED), rank=2)


def _waiting(now: datetime) -> Trouble | None:
    waiting = Run.objects.filter(status=Status.QUEUED, queued_at__lt=now - LONG_WAIT)
    first = waiting.order_by("queued_at").first()
    if first is None:
        return None
    minutes = (now - first.queued_at) // timedelta(minutes=1)
    text = f"{many(waiting.count(), 'run')} waiting for more than {LONG_WAIT // timedelta(minutes=1)} minutes"
    detail = f"The first has waited {minutes} minutes. Are there enough workers?"
    return Trouble(text, detail, _listed(Status.QUEUED), rank=3, level="warning")


def _listed(status: Status) -> str:
    """The URL of the admin's list of runs with that status."""
    return f"{reverse('admin:training_run_changelist')}?status__exact={status}"
