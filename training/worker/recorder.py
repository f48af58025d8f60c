"""Keeps a training's progress in the database, in a thread of its own: the training doesn't wait for it."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import replace
from time import monotonic
from typing import Self

import numpy as np
from django.db import connection, transaction

from training.ml import engines
from training.ml.engines import Progress
from training.models import Checkpoint, Point, Run
from training.worker import notify

# Seconds between two writes. Each also reads what the owner asks for.
INTERVAL = 0.25


class Recorder:
    """Stores the progress of a training in a thread of its own, one write at a time, the latest progress first.

    A context manager: on exit, all reported progress is stored. `flush` and the next write raise the error of a failed
    write: LeaseLost when another worker has the run by now, django.db.Error without a database.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self._executor = ThreadPoolExecutor(1, "recorder")
        self._written: Future[None] | None = None
        self._started = 0.0
        self._points: list[engines.Point] = []
        self._epoch_ended = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._executor.submit(lambda: connection.close())  # looked up there: each thread has its own
        self._executor.shutdown()

    def add(self, progress: Progress) -> None:
        """Take progress; store it, unless a write is under way or ended less than INTERVAL ago."""
        self._points += self._read(progress)
        self._epoch_ended |= progress.epoch_ended
        if self._is_idle() and monotonic() - self._started >= INTERVAL:
            self._write(progress, progress.checkpoint() if self._epoch_ended else None)

    def finish(self, progress: Progress) -> None:
        """Begin to store all reported progress, of which `progress` is the last."""
        self.settle()
        self._write(progress, progress.checkpoint() if self._epoch_ended else None)

    def flush(self, progress: Progress) -> None:
        """Store the progress up to `progress`, without a checkpoint: the training may be past it."""
        self.settle()
        if self._points:
            self._write(progress, None)
            self.settle()

    def settle(self) -> None:
        """Wait for the write under way."""
        written, self._written = self._written, None
        if written is not None:
            written.result()

    def _read(self, progress: Progress) -> tuple[engines.Point, ...]:
        """The new points; with what the network makes of the pinned drawing at the start and after an epoch."""
        points = progress.points
        if self.run.pinned is None or not points or points[-1].val_loss is None:
            return points
        # Here, since the training goes on to change the weights; an image takes about a millisecond.
        image = np.frombuffer(self.run.pinned, np.uint8).reshape(1, -1)  # (1, 784)
        probabilities = progress.network().predict(image)[0].astype(float)  # (10,)
        if not np.isfinite(probabilities).all():
            return points
        return *points[:-1], replace(points[-1], pinned=tuple(probabilities.round(4).tolist()))

    def _is_idle(self) -> bool:
        if self._written is not None and self._written.done():
            self.settle()
        return self._written is None

    def _write(self, progress: Progress, checkpoint: engines.Checkpoint | None) -> None:
        points, self._points, self._epoch_ended = self._points, [], False
        self._started = monotonic()
        write = copy_context().run
        self._written = self._executor.submit(write, keep, self.run, progress, points, checkpoint)


def keep(
    run: Run, progress: Progress, points: Sequence[engines.Point], checkpoint: engines.Checkpoint | None
) -> None:
    """Store where the run is, its new points and, when an epoch has ended, its checkpoint; learn of wishes."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            # What a crash of the database may take here is computed again from the checkpoint before.
            cursor.execute("SET LOCAL synchronous_commit TO OFF")
        run.write(
            step=progress.step,
            steps=progress.steps,
            epoch=progress.epoch,
            seconds=progress.seconds,
            device=progress.device[:100],
            **_start(points),
            **_validation(run, points),
        )
        Point.keep(run, points)
        if checkpoint is not None:
            Checkpoint.keep(run, checkpoint.step, checkpoint.to_bytes())
            _log_epoch(run, points)
    run.request, run.requested_rate = Run.objects.values_list("request", "requested_rate").get(pk=run.pk)
    notify.changed(run, progress=True)


def _start(points: Sequence[engines.Point]) -> dict[str, float]:
    """What the first of all points says of the time before the first step."""
    return {"start_seconds": points[0].seconds} if points and points[0].epoch == 0 else {}


def _validation(run: Run, points: Sequence[engines.Point]) -> dict[str, float]:
    """What the new points say of validation accuracy: the last and, where it is one, the best so far."""
    changes: dict[str, float] = {}
    best = run.best_val_accuracy
    for point in points:
        if point.val_accuracy is None:
            continue
        changes["last_val_accuracy"] = point.val_accuracy
        if best is None or point.val_accuracy > best:
            best = point.val_accuracy
            changes |= {"best_val_accuracy": best, "best_epoch": point.epoch}
    return changes


def _log_epoch(run: Run, points: Sequence[engines.Point]) -> None:
    last = [point for point in points if point.val_accuracy is not None][-1]
    run.log(
        f"Epoch {last.epoch:.0f}: loss {last.train_loss:.4f}, validation loss {last.val_loss:.4f}, "
        f"validation accuracy {last.val_accuracy:.2%}, {last.seconds:.1f} s."
    )
