"""How much a user's runs may take, so that nobody keeps a worker for days, fills the queue or the disk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import F, Func, IntegerField, Sum
from django.template.defaultfilters import filesizeformat

from training.estimates.estimate import Estimate
from training.ml.config.hyperparameters import Hyperparameters
from training.models import Checkpoint, InitialNetwork, Network, Run, Status
from tryml.durations import duration


@dataclass(frozen=True)
class Quota:
    """What one user's runs may take."""

    waiting: int  # runs in line
    running: int  # runs that train at a time; others wait (training.models.queue)
    parameters: int  # of one run
    epochs: int  # of one run
    seconds: float  # of one run, as estimated
    storage: int  # bytes of all networks and checkpoints


@dataclass(frozen=True)
class Usage:
    """What a user's runs take now, beside the user's quota."""

    quota: Quota
    waiting: int
    stored: int  # bytes

    @property
    def waiting_left(self) -> int:
        return max(self.quota.waiting - self.waiting, 0)

    @property
    def storage_left(self) -> int:
        """Bytes."""
        return max(self.quota.storage - self.stored, 0)


def quota(owner: Any) -> Quota:
    """The user's quota: guests have one, members another."""
    return Quota(**settings.RUN_QUOTAS["guest" if owner.is_guest else "member"])


def usage(owner: Any) -> Usage:
    """What the user's runs take now."""
    size = Sum(Func(F("data"), function="octet_length", output_field=IntegerField()))
    stored = [
        rows.aggregate(bytes=size)["bytes"] or 0
        for rows in (
            Network.objects.filter(owner=owner),
            Checkpoint.objects.filter(run__experiment__owner=owner),
            InitialNetwork.objects.filter(run__experiment__owner=owner),
        )
    ]
    waiting = Run.objects.of(owner).filter(status=Status.QUEUED).count()
    return Usage(quota(owner), waiting, sum(stored))


def refusals(owner: Any, hyperparameters: Hyperparameters | None, estimate: Estimate | None) -> list[str]:
    """Why the owner may not start such a run now, in sentences; without one, only what they have counts."""
    now = usage(owner)
    texts = [too_many(now)]
    if hyperparameters and estimate:
        texts += [
            refused(estimate),
            *_beyond(now.quota, hyperparameters, estimate),
            too_full(now, estimate.storage),
        ]
    return [text for text in texts if text]


def refused(estimate: Estimate) -> str:
    """Why no run may take so much memory, in two sentences; empty if it may."""
    if estimate.memory > settings.RUN_MEMORY:
        return (
            f"This training would take about {filesizeformat(estimate.memory)} of memory, and a run may take "
            f"{filesizeformat(settings.RUN_MEMORY)}. Make the layers or the batch smaller."
        )
    return ""


def _beyond(most: Quota, hyperparameters: Hyperparameters, estimate: Estimate) -> list[str]:
    problems = [too_long(most, estimate.seconds)]
    if problems[0]:
        problems[0] += " Choose fewer epochs, fewer images or smaller layers."
    if estimate.parameter_count > most.parameters:
        problems.append(
            f"This network has {estimate.parameter_count:,} parameters, and yours may have {most.parameters:,}."
        )
    problems.append(too_many_epochs(most, hyperparameters.epochs))
    return problems


def too_many_epochs(most: Quota, epochs: int) -> str:
    """What to say of a training of this many epochs, a sentence; empty if it is allowed."""
    return (
        ""
        if epochs <= most.epochs
        else f"A run of yours may have {most.epochs:,} epochs in all, not {epochs:,}."
    )


def too_long(most: Quota, seconds: float) -> str:
    """What to say of a training of this many seconds, a sentence; empty if it is allowed."""
    if seconds <= most.seconds:
        return ""
    return f"This training would take about {duration(seconds)}, and a run may take {duration(most.seconds)}."


def too_many(now: Usage) -> str:
    """What to say of the owner's queue, two sentences; empty if another run may join it."""
    if now.waiting < now.quota.waiting:
        return ""
    return (
        f"{now.waiting} of your runs are queued, and no more than {now.quota.waiting} may be. "
        "Start this one when some have ended."
    )


def too_full(now: Usage, more: int) -> str:
    """What to say where `more` bytes don't fit into the owner's storage, two sentences; empty if they do."""
    if more <= now.storage_left:
        return ""
    return (
        f"Your networks and checkpoints take {filesizeformat(now.stored)}, this run would add up to "
        f"{filesizeformat(more)}, and you have {filesizeformat(now.quota.storage)}. Delete runs or networks that you "
        "no longer need."
    )
