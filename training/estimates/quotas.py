"""How much one run may take and how many may wait, so that nobody keeps a worker for days or fills the queue."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.template.defaultfilters import filesizeformat

from training.estimates.estimate import Estimate
from training.models import Run, Status
from tryml.durations import duration


def refusals(owner: Any, estimate: Estimate | None) -> list[str]:
    """Why the owner may not start a run of that estimate now, in sentences; without one only how many wait counts."""
    return [text for text in (estimate and refused(estimate), too_many(owner)) if text]


def refused(estimate: Estimate) -> str:
    """Why a run is more than one may ask for, in a sentence or two; empty when it isn't."""
    if estimate.memory > settings.RUN_MEMORY:
        return (
            f"This training would take about {filesizeformat(estimate.memory)} of memory, and a run may take "
            f"{filesizeformat(settings.RUN_MEMORY)}. Make the layers or the batch smaller."
        )
    if problem := too_long(estimate.seconds):
        return f"{problem} Choose fewer epochs, fewer images or smaller layers."
    return ""


def too_long(seconds: float) -> str:
    """What to say of a training of so many seconds, a sentence; empty when it may take as long."""
    if seconds <= settings.RUN_SECONDS:
        return ""
    return (
        f"This training would take about {duration(seconds)}, and a run may take "
        f"{duration(settings.RUN_SECONDS)}."
    )


def too_many(owner: Any) -> str:
    """What to say of the owner's queue, two sentences; empty when another run may join it."""
    waiting = Run.objects.of(owner).filter(status=Status.QUEUED).count()
    if waiting < settings.RUNS_IN_LINE:
        return ""
    return (
        f"{waiting} of your runs are in line, and no more than {settings.RUNS_IN_LINE} may be. "
        "Start this one when some have ended."
    )
