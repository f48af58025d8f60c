"""Limits on the time and memory of a run, and on a user's queued runs, so that nobody blocks the workers."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.template.defaultfilters import filesizeformat

from training.estimates.estimate import Estimate
from training.models import Run, Status
from tryml.durations import duration


def refusals(owner: Any, estimate: Estimate | None) -> list[str]:
    """Why the owner may not queue a run now, in sentences for people; without an estimate, checks only the queue."""
    return [text for text in (estimate and refused(estimate), too_many(owner)) if text]


def refused(estimate: Estimate) -> str:
    """Why a run takes too much memory or time, in sentences for people; empty if it doesn't."""
    if estimate.memory > settings.RUN_MEMORY:
        return (
            f"This training would take about {filesizeformat(estimate.memory)} of memory, and a run may take "
            f"{filesizeformat(settings.RUN_MEMORY)}. Make the layers or the batch smaller."
        )
    if problem := too_long(estimate.seconds):
        return f"{problem} Choose fewer epochs, fewer images or smaller layers."
    return ""


def too_long(seconds: float) -> str:
    """Why a training of `seconds` seconds is refused, in a sentence for people; empty if it isn't."""
    if seconds <= settings.RUN_SECONDS:
        return ""
    return (
        f"This training would take about {duration(seconds)}, and a run may take "
        f"{duration(settings.RUN_SECONDS)}."
    )


def too_many(owner: Any) -> str:
    """Why the owner may not queue another run, in sentences for people; empty if they may."""
    waiting = Run.objects.of(owner).filter(status=Status.QUEUED).count()
    if waiting < settings.RUNS_IN_LINE:
        return ""
    return (
        f"{waiting} of your runs are in line, and no more than {settings.RUNS_IN_LINE} may be. "
        "Start this one when some have ended."
    )
