"""Runs: the queue, the requests of their owners, the writes of their workers."""

import math
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from digits import library
from training.ml.config.architecture import in_short
from training.ml.config.hyperparameters import Hyperparameters
from training.ml.resources.time import seconds_left, share_done
from training.models.checkpoint import Checkpoint
from training.models.experiment import Experiment
from training.models.queue import RunQuerySet
from training.models.status import ACTIVE, LeaseLost, Request, Status


class Run(models.Model):
    """One training of one set of hyperparameters."""

    experiment = models.ForeignKey(Experiment, models.CASCADE, related_name="runs")
    # Of the form that started the run: a form sent twice starts one run.
    token = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=100)
    note = models.TextField(max_length=5000, blank=True)
    engine = models.CharField(max_length=20, default="numpy")
    dataset = models.CharField(max_length=20)
    hyperparameters_json = models.JSONField("hyperparameters")
    parameter_count = models.PositiveIntegerField()
    # training.ml.config.fingerprint.setup; empty if the result no longer follows from the fields of this run.
    setup = models.CharField(max_length=64, blank=True, editable=False)
    engine_version = models.CharField(max_length=100, blank=True)

    status = models.CharField(max_length=8, choices=Status, default=Status.QUEUED)
    # The two columns keep their old names, so that workers of 0.4.0 can go on beside newer ones.
    request = models.CharField(
        max_length=5, choices=Request, default=Request.NONE, blank=True, db_column="wish"
    )
    # A learning rate that the owner asked for and the worker has not taken yet.
    requested_rate = models.FloatField(null=True, blank=True, editable=False, db_column="wished_rate")
    reason = models.CharField(max_length=500, blank=True, help_text="Why the run ended.")
    created_at = models.DateTimeField(auto_now_add=True)
    queued_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    worker = models.CharField(max_length=100, blank=True)
    machine = models.CharField(max_length=100, blank=True)
    device = models.CharField(
        max_length=100, blank=True, help_text="The GPU that computes; empty for the processor."
    )
    # Why the run's worker doesn't train yet, for people: it downloads a dataset.
    doing = models.CharField(max_length=200, blank=True, editable=False)
    # Every claim sets a new lease; a worker with an older one has lost the run.
    lease = models.UUIDField(null=True, blank=True, editable=False)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    # Attempts since its last checkpoint. With a default in the database, for workers of 0.5.0.
    fruitless = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)

    step = models.PositiveIntegerField(default=0)
    steps = models.PositiveIntegerField(default=0)
    epoch = models.FloatField(default=0)
    seconds = models.FloatField(default=0, help_text="Spent training.")
    start_seconds = models.FloatField(default=0, help_text="Of these, before the first step.")
    estimated_seconds = models.FloatField(default=0, help_text="Expected before the start.")
    best_epoch = models.FloatField(null=True, blank=True)
    best_val_accuracy = models.FloatField(null=True, blank=True)
    last_val_accuracy = models.FloatField(null=True, blank=True)
    test_accuracy = models.FloatField(null=True, blank=True)
    test_loss = models.FloatField(null=True, blank=True)
    confusion = models.JSONField(
        null=True, blank=True, help_text="10×10 counts: rows labels, columns predictions."
    )
    # A copy: the owner may pin another drawing later.
    pinned = models.BinaryField(
        null=True, help_text="784 pixels of the drawing that was pinned at its start."
    )

    # The place in the queue, once it was read.
    place: int | None = None

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)
        indexes = (
            models.Index(fields=["status", "queued_at"]),
            models.Index(fields=["experiment", "-created_at"]),
            models.Index(fields=["setup"]),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("training:run", args=[self.pk])

    @property
    def hyperparameters(self) -> Hyperparameters:
        return Hyperparameters.from_dict(self.hyperparameters_json)

    @property
    def dataset_title(self) -> str:
        return library.title(self.dataset)

    @property
    def test_title(self) -> str:
        return library.test_title(self.dataset)

    @property
    def difference(self) -> str:
        """The hyperparameters that differ from the defaults, in one line."""
        changes = self.hyperparameters.differences(Hyperparameters())
        return ", ".join(
            f"layers {in_short(value)}" if name == "layers" else f"{name} {value}"
            for name, (value, _) in changes.items()
            if name != "learning_rate_changes"
        )

    @property
    def is_active(self) -> bool:
        return self.status in ACTIVE

    @property
    def controls(self) -> str:
        """The set of controls that the page shows: "goes", "pausing", "paused" or "ended"."""
        if self.status == Status.PAUSED:
            return "paused"
        if not self.is_active:
            return "ended"
        return "pausing" if self.request == Request.PAUSE else "goes"

    @property
    def learning_rate(self) -> float:
        """The base learning rate of the next step."""
        hyperparameters = self.hyperparameters
        changes = [rate for _, rate in hyperparameters.learning_rate_changes]
        return self.requested_rate or [hyperparameters.learning_rate, *changes][-1]

    @property
    def may_train_on(self) -> bool:
        """Whether the run ended with a checkpoint from which it can train more epochs."""
        return self.status in {Status.FINISHED, Status.STOPPED} and self.step > 0

    @property
    def learnt_nothing(self) -> bool:
        """Whether the tested network is no better than one that always names the most frequent label."""
        if self.test_accuracy is None or not self.confusion:
            return False
        counts = [sum(row) for row in self.confusion]
        return bool(self.test_accuracy <= max(counts) / sum(counts) + NO_BETTER)

    @property
    def has_network(self) -> bool:
        return hasattr(self, "network")

    @property
    def percent(self) -> int:
        return 100 * self.step // self.steps if self.steps else 0

    @property
    def seconds_left(self) -> float | None:
        """Seconds of training left, without stop rules: the estimate blended with measured time; None if unknown."""
        if self.doing:
            return None
        if not self.step:
            return self.estimated_seconds or None
        done = share_done(self.hyperparameters, self.step, self.steps)
        return seconds_left(self.estimated_seconds, self.seconds - self.start_seconds, done)

    @property
    def has_best_network(self) -> bool:
        return hasattr(self, "best_network")

    @property
    def has_initial(self) -> bool:
        return hasattr(self, "initial")

    @property
    def place_in_line(self) -> int:
        """Place in the queue: 1 for the next run, 0 for a run that isn't queued. `RunQuerySet.places` reads many."""
        if self.status != Status.QUEUED:
            return 0
        if self.place is None:
            Run.objects.places([self])
        return self.place or 0

    def log(self, text: str, level: str = "info") -> None:
        """Add a line to the log that the run's owner reads; `level` is "info", "warning" or "error"."""
        self.lines.create(text=text, level=level)

    def _move(self, *, old: tuple[str, ...], **changes: object) -> bool:
        """Change the run if it still has one of the `old` statuses; else return False: another process was first."""
        if not Run.objects.filter(pk=self.pk, status__in=old).update(**changes):
            return False
        self.refresh_from_db()
        self.place = None
        return True

    @contextmanager
    def _held(self) -> Iterator[None]:
        """Read the row again and keep it locked until the block ends.

        A worker may claim the run while its owner pauses or stops it:
        1. the row is locked, so the claim comes before or after this block, never during it;
        2. if it came before, the run is running, and the block leaves a request for the worker;
        3. if it comes after, the run is no longer queued, and the worker doesn't find it.
        """
        with transaction.atomic():
            self.refresh_from_db(from_queryset=Run.objects.select_for_update())
            yield

    def pause(self) -> bool:
        """Pause a queued run now; ask the worker of a running run to pause it. False for a run of another status."""
        with self._held():
            if self._move(old=(Status.QUEUED,), status=Status.PAUSED, request=Request.NONE):
                self.log("Paused while it waited in line.")
                return True
            return self._move(old=(Status.RUNNING,), request=Request.PAUSE)

    def stop(self) -> bool:
        """Stop a run: at once if it waits untrained, else when a worker has tested its network. False if ended."""
        with self._held():
            if self._move(old=(Status.RUNNING,), request=Request.STOP):
                return True
            waiting = (Status.QUEUED, Status.PAUSED)
            if self.step:
                return self._move(old=waiting, status=Status.QUEUED, request=Request.STOP)
            reason = "Stopped before it trained."
            if stopped := self._move(
                old=waiting, status=Status.STOPPED, finished_at=timezone.now(), reason=reason
            ):
                self.log(reason)
            return stopped

    def train_batch(self) -> bool:
        """Queue a paused run to train one batch and pause again; False if it isn't paused."""
        return self._advance(Request.BATCH)

    def train_epoch(self) -> bool:
        """Queue a paused run to train to the end of the epoch and pause again; False if it isn't paused."""
        return self._advance(Request.EPOCH)

    def _advance(self, request: Request) -> bool:
        return self._move(
            old=(Status.PAUSED,), status=Status.QUEUED, queued_at=timezone.now(), request=request
        )

    def change_rate(self, rate: float) -> bool:
        """Ask the worker for another learning rate from its next step on; False if the run has ended."""
        return self._move(old=ACTIVE, requested_rate=rate)

    def rewind(self) -> bool:
        """Reset a paused run to its initial weights, without curves and rate changes; False if it isn't paused."""
        with transaction.atomic():
            start = {**self.hyperparameters_json, "learning_rate_changes": []}
            if not self._move(old=(Status.PAUSED,), hyperparameters_json=start, **UNTRAINED):
                return False
            self.points.all().delete()
            Checkpoint.objects.filter(run=self).delete()
            self.log("Rewound to the same initial weights.")
            return True

    def train_on(self, epochs: int) -> bool:
        """Queue an ended run for `epochs` more epochs, and remove its other stop rules.

        False if it hasn't ended or has no checkpoint. Raises InvalidHyperparameters if the sum exceeds the limit.
        """
        more = replace(
            self.hyperparameters,
            epochs=math.floor(self.epoch) + epochs,
            max_seconds=None,
            target_accuracy=None,
            patience=None,
        )
        more.validate()
        with transaction.atomic():
            if not Checkpoint.objects.filter(run=self).exists() or not self._move(
                old=(Status.FINISHED, Status.STOPPED),
                status=Status.QUEUED,
                queued_at=timezone.now(),
                finished_at=None,
                reason="",
                setup="",  # one training of the same epochs may give another result
                hyperparameters_json=more.to_dict(),
            ):
                return False
            self.log(f"{epochs} more epochs, whatever the other stop rules say: in line again.")
            return True

    def resume(self) -> bool:
        """Queue a paused run behind the others, or withdraw the request to pause a running run; else return False."""
        with self._held():
            if self._advance(Request.NONE):
                self.log("Resumed: in line again.")
                return True
            return self.request in {Request.PAUSE, Request.BATCH, Request.EPOCH} and self._move(
                old=(Status.RUNNING,), request=Request.NONE
            )

    def write(self, **changes: object) -> None:
        """Write as the run's worker. Raises LeaseLost if another worker has taken it, or if it was deleted."""
        if not Run.objects.filter(pk=self.pk, lease=self.lease, status=Status.RUNNING).update(**changes):
            raise LeaseLost(f"Run {self.pk} is no longer ours.")
        for name, value in changes.items():
            setattr(self, name, value)


NO_BETTER = 0.02  # of test accuracy: chance gives as much more than the most frequent label
# Values of a run's columns before its first step.
UNTRAINED: dict[str, Any] = {
    "step": 0,
    "epoch": 0,
    "seconds": 0,
    "start_seconds": 0,
    "best_epoch": None,
    "best_val_accuracy": None,
    "last_val_accuracy": None,
}
