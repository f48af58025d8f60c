"""How much one run may take, so that nobody keeps a worker for days or takes its memory."""

from __future__ import annotations

from django.conf import settings
from django.template.defaultfilters import filesizeformat

from training.estimates import Estimate
from tryml.durations import duration


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
