"""The one way to start a run, or to train one on: for the form, a variation, one's handwriting, "again", programs."""

from __future__ import annotations

from collections.abc import Iterator
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
    """Raised when a run can't be started; its text is a sentence or two for people."""


@dataclass(frozen=True, kw_only=True)
class Submission:
    """A run that `owner` asks for. `initial` is the network that it starts from."""

    owner: Any
    experiment: Experiment | str  # a name: the latest of that name, or a new one
    hyperparameters: Hyperparameters
    engine: str
    dataset: str  # its key
    name: str = ""  # empty: "Run 3"
    initial: Network | InitialNetwork | None = None
    token: UUID = field(default_factory=uuid4)  # of the form: sent twice, it starts one run

    @cached_property
    def setup(self) -> str:
        """What the result follows from; with the same engine it comes out the same."""
        data = bytes(self.initial.data) if self.initial else None
        return fingerprint.setup(self.hyperparameters, library.fingerprint(self.dataset), data)

    @cached_property
    def estimate(self) -> Estimate:
        """What it would take here."""
        return estimate(self.hyperparameters, library.train_count(self.dataset), self.engine)


class Outcome(Enum):
    """Why a submission was answered with a run."""

    STARTED = "started"
    SENT_TWICE = "sent twice"  # the run that the same form started
    TRAINED_BEFORE = "trained before"  # the finished run of the same setup


class Submitted(NamedTuple):
    run: Run
    outcome: Outcome


def submit(wanted: Submission, *, anew: bool = False) -> Submitted:
    """Queue the run, or answer with the one that makes it unnecessary; `anew` trains what was trained before.

    Raises Refused.

    Two requests may come at once, from one form sent twice or from many. So, with the owner's row locked:
    1. the request that comes second finds the run of its token, and is answered with that;
    2. each counts the queued runs after the one before has added its own;
    3. the workers hear of the run when it is committed, and not before.
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
    """A transaction in which nobody else adds to the owner's queue."""
    with transaction.atomic():
        get_user_model().objects.select_for_update(no_key=True).get(pk=owner.pk)
        yield


def _refusals(wanted: Submission) -> list[str]:
    """Why such a run can't be started now, in sentences for people; empty when it can."""
    engine = ENGINES[wanted.engine]
    if engine.missing:
        return [f"{engine.label} isn't installed here."]
    return [
        *engine.problems(wanted.hyperparameters).values(),
        *quotas.refusals(wanted.owner, wanted.estimate),
    ]


def identical(wanted: Submission) -> Run | None:
    """The owner's latest finished run of the same setup with the same version of the engine, as it is now.

    Excludes runs stopped by max_seconds: how far they got depends on the machine.
    """
    finished = Run.objects.of(wanted.owner).filter(status=Status.FINISHED)
    same = finished.filter(
        setup=wanted.setup, engine=wanted.engine, engine_version=ENGINES[wanted.engine].version
    )
    return same.filter(hyperparameters_json__max_seconds=None).order_by("-finished_at").first()


def create(wanted: Submission) -> Run:
    """Store the run, queued, without a look at quotas. No worker hears of it."""
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
    """The same training once more, from its first step; by `engine` or by the same one."""
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
    """Put an ended run back in line for so many epochs more; False where it has not ended. Raises Refused."""
    longer = run.seconds * (1 + epochs / run.epoch) if run.epoch else 0.0
    owner = run.experiment.owner
    with _one_at_a_time(owner):
        if problem := quotas.too_long(longer) or quotas.too_many(owner):
            raise Refused(problem)
        try:
            return run.train_on(epochs)
        except InvalidHyperparameters as error:
            raise Refused(f"Epochs in all: {error.problems.get('epochs', error)}") from error
