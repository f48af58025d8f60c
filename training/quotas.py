"""How much one run may take, so that nobody keeps a worker for days or takes its memory."""

from __future__ import annotations

from django.conf import settings
from django.template.defaultfilters import filesizeformat

from training.estimates import Estimate
from training.templatetags.durations import duration


def refused(estimate: Estimate) -> str:
    """Why a run is more than one may ask for, in a sentence or two; empty when it isn't."""
    if estimate.memory > settings.RUN_MEMORY:
        return (
            f"This training would take about {filesizeformat(estimate.memory)} of memory, and a run may take "
            f"{filesizeformat(settings.RUN_MEMORY)}. Make the layers or the batch smaller."
        )
    if estimate.seconds > settings.RUN_SECONDS:
        return (
            f"This training would take about {duration(estimate.seconds)}, and a run may take "
            f"{duration(settings.RUN_SECONDS)}. Choose fewer epochs, fewer images or smaller layers."
        )
    return ""
