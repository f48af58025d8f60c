"""The only way to start a run or to train one further: used by the form, variations, handwriting, "again", programs."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction

from digits import library
from digits.models import PinnedDrawing
from training.estimates import quotas
from training.estimates.estimate import Estimate, estimate
from training.ml.config import fingerprint
from training.ml.config.hyperparameters import Hyperparameters, InvalidHyperparameters
from training.ml.engines import ENGINES
from training.models import Experiment, InitialNetwork, Network, Run, Status
from training.worker.actors import enqueue
from tryml.monitoring.events import record


class Refused(Exception):
    """Raised when a run can't be started; the message is one or more sentences for people."""


@dataclass(frozen=True, kw_only=True)
class Submission:
    """A run that `owner` asks for."""

    owner: Any
    experiment: Experiment | str  # a name means the owner's latest experiment of that name, or a new one
    hyperparameters: Hyperparameters
    engine: str  # key in ENGINES
    dataset: str  # key in digits.library
    name: str = ""  # empty: "Run 3"
    initial: Network | InitialNetwork | None = None  # the network to start from; None: new weights
    token: UUID = field(default_factory=uuid4)  # of the form: a form sent twice starts one run

    @cached_property
    def setup(self) -> str:
        """The hash of everything that determines the result besides the engine."""
        data = bytes(self.initial.data) if self.initial else None
        return fingerprint.setup(self.hyperparameters, library.fingerprint(self.dataset), data)

    @cached_property
    def estimate(self) -> Estimate:
        """The time and memory that the run would take; raises InvalidArchitecture."""
        return estimate(self.hyperparameters, library.train_count(self.dataset), self.engine)


class Outcome(Enum):
    """Why `submit` returns a run."""

    STARTED = "started"
    SENT_TWICE = "sent twice"  # the run that the same form started
    TRAINED_BEFORE = "trained before"  # the finished run of the same setup


class Submitted(NamedTuple):
    run: Run
    outcome: Outcome


def submit(wanted: Submission, *, anew: bool = False) -> Submitted:
    """Queue the run, or return the run that makes it unnecessary: of the same form or, unless `anew`, the same setup.

    Raises Refused if the engine or a quota forbids it, or if the form is another user's.

    Two requests may come at once, from one form sent twice or from two forms. The owner's row is locked:
    1. the first request finds no run of its token, counts the queued runs, and adds its own;
    2. the second request waits for the lock; then it finds the run of the same token, or counts the first one's too;
    3. the workers are told of a run after its transaction is committed, so they find it.
    """
    with _one_at_a_time(wanted.owner):
        mine = Run.objects.of(wanted.owner)
        if sent := mine.filter(token=wanted.token).first():
            return Submitted(sent, Outcome.SENT_TWICE)
        if not anew and (earlier := identical(wanted)):
            return Submitted(earlier, Outcome.TRAINED_BEFORE)
        if problems := _refusals(wanted):
            raise Refused(" ".join(problems))
        try:
            run = create(wanted)
        except IntegrityError:  # the token is another user's
            raise Refused("This form was sent before by somebody else. Open a new one.") from None
        transaction.on_commit(lambda: enqueue(run))
    record("run queued", f"{run}, {run.parameter_count:,} parameters.", run=run.pk, user=wanted.owner.pk)
    return Submitted(run, Outcome.STARTED)


@contextmanager
def _one_at_a_time(owner: Any) -> Iterator[None]:
    """A transaction during which no other request adds a run to the owner's queue."""
    with transaction.atomic():
        get_user_model().objects.select_for_update(no_key=True).get(pk=owner.pk)
        yield


def _refusals(wanted: Submission) -> list[str]:
    """Why the run can't be started now, in sentences for people; empty if it can."""
    engine = ENGINES[wanted.engine]
    if engine.missing:
        return [f"{engine.label} isn't installed here."]
    return [
        *engine.problems(wanted.hyperparameters).values(),
        *quotas.refusals(wanted.owner, wanted.hyperparameters, wanted.estimate),
    ]


def identical(wanted: Submission) -> Run | None:
    """The owner's latest finished run with the same setup, by the engine's current version.

    Excludes runs with max_seconds: how far they get depends on the machine.
    """
    finished = Run.objects.of(wanted.owner).filter(status=Status.FINISHED)
    same = finished.filter(
        setup=wanted.setup, engine=wanted.engine, engine_version=ENGINES[wanted.engine].version
    )
    return same.filter(hyperparameters_json__max_seconds=None).order_by("-finished_at").first()


def create(wanted: Submission) -> Run:
    """Store the queued run, without checking quotas and without telling a worker.

    Raises django.db.IntegrityError if a run has this token.
    """
    with transaction.atomic():
        experiment = wanted.experiment
        if isinstance(experiment, str):
            experiment = Experiment.named(experiment, wanted.owner)
        name = wanted.name or f"Run {experiment.runs.count() + 1}"
        run = Run.objects.create(
            experiment=experiment,
            token=wanted.token,
            name=name[:100],
            engine=wanted.engine,
            engine_version=ENGINES[wanted.engine].version,
            dataset=wanted.dataset,
            hyperparameters_json=wanted.hyperparameters.to_dict(),
            parameter_count=wanted.hyperparameters.parameter_count,
            setup=wanted.setup,
            pinned=PinnedDrawing.objects.pixels_of(wanted.owner.pk),
            estimated_seconds=wanted.estimate.seconds,
        )
        if wanted.initial:
            InitialNetwork.objects.create(run=run, name=wanted.initial.name, data=wanted.initial.data)
        run.log("In line.")
    return run


def again(run: Run, engine: str = "") -> Submission:
    """A submission of the same training from its first step, with `engine` or, if empty, with the run's engine."""
    engine = engine or run.engine
    plain = run.name.removesuffix(f", {ENGINES[run.engine].label}")[:80]
    return Submission(
        owner=run.experiment.owner,
        experiment=run.experiment,
        name=f"{run.name[:80]}, again" if engine == run.engine else f"{plain}, {ENGINES[engine].label}",
        hyperparameters=replace(run.hyperparameters, learning_rate_changes=()),
        engine=engine,
        dataset=run.dataset,
        initial=InitialNetwork.objects.filter(run=run).first(),
    )


def train_on(run: Run, epochs: int) -> bool:
    """Queue an ended run for `epochs` more epochs; False if it hasn't ended or has no checkpoint.

    Raises Refused if a quota or the limit of epochs forbids it. Tells no worker.
    """
    longer = run.seconds * (1 + epochs / run.epoch) if run.epoch else 0.0
    owner = run.experiment.owner
    with _one_at_a_time(owner):
        now = quotas.usage(owner)
        problem = (
            quotas.too_many(now)
            or quotas.too_long(now.quota, longer)
            or quotas.too_many_epochs(now.quota, math.floor(run.epoch) + epochs)
            or quotas.too_full(now, 0)
        )
        if problem:
            raise Refused(problem)
        try:
            return run.train_on(epochs)
        except InvalidHyperparameters as error:
            raise Refused(f"Epochs in all: {error.problems.get('epochs', error)}") from error


def bring_back(run: Run, change: Callable[[Run], bool]) -> bool:
    """Queue a paused run again by `change`: Run.resume, Run.train_batch or Run.train_epoch; False if it isn't paused.

    Raises Refused if as many of the owner's runs are queued as may be. Tells no worker.
    """
    owner = run.experiment.owner
    with _one_at_a_time(owner):
        if run.status == Status.PAUSED and (problem := quotas.too_many(quotas.usage(owner))):
            raise Refused(problem)
        return change(run)
