"""Stores a training's progress in the database, in its own thread, so that the training doesn't wait."""

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

# Seconds between the starts of two writes. Each write also reads the owner's requests.
INTERVAL = 0.25


class Recorder:
    """Stores the progress of a training in its own thread, one write at a time.

    While a write is in progress, points are collected; the next write stores them with the latest progress. A context
    manager: exit waits for the write in progress. After a failed write the next call of a method raises its error:
    LeaseLost if another worker has taken the run or it was deleted, django.db.Error without a database.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self._executor = ThreadPoolExecutor(1, "recorder")
        self._written: Future[None] | None = None
        self._started = 0.0
        self._points: list[engines.Point] = []
        self._epoch_ended = False
        self._best: dict[str, float] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._executor.submit(lambda: connection.close())  # closes that thread's connection, not this one's
        self._executor.shutdown()

    def add(self, progress: Progress) -> None:
        """Collect progress, and start to store it unless a write is in progress or started less than INTERVAL ago."""
        self._points += self._read(progress)
        self._epoch_ended |= progress.epoch_ended
        self._best |= _best(progress)
        if self._is_idle() and monotonic() - self._started >= INTERVAL:
            self._write(progress, progress.checkpoint() if self._epoch_ended else None)

    def finish(self, progress: Progress) -> None:
        """Start to store all collected progress, of which `progress` is the last; `settle` waits for it."""
        self.settle()
        self._write(progress, progress.checkpoint() if self._epoch_ended else None)

    def stop(self, progress: Progress) -> None:
        """Take the point at which the owner stops the training."""
        if (point := progress.stopped_point()) is not None:
            self._points.append(point)

    def flush(self, progress: Progress) -> None:
        """Store collected points up to `progress`, without a checkpoint: the training may have gone further."""
        self.settle()
        if self._points:
            self._write(progress, None)
            self.settle()

    def settle(self) -> None:
        """Wait for the write in progress, if any; raises its error."""
        written, self._written = self._written, None
        if written is not None:
            written.result()

    def _read(self, progress: Progress) -> tuple[engines.Point, ...]:
        """The new points; at the start and after an epoch, the last has the network's answer to the pinned drawing."""
        points = progress.points
        if self.run.pinned is None or not points or points[-1].val_loss is None:
            return points
        # In the training's thread, because the training changes the weights afterwards; takes about a millisecond.
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
        best, self._best = self._best, {}
        self._started = monotonic()
        write = copy_context().run
        self._written = self._executor.submit(write, keep, self.run, progress, points, checkpoint, best)


def keep(
    run: Run,
    progress: Progress,
    points: Sequence[engines.Point],
    checkpoint: engines.Checkpoint | None,
    best: dict[str, float],
) -> None:
    """Store the run's position, its new points and the checkpoint, if any; then read the owner's requests into `run`.

    Raises LeaseLost if another worker has taken the run, or if it was deleted.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            # Saves the wait for the disk. 1. The database crashes and loses this write. 2. The run resumes from the
            # checkpoint before. 3. It computes the lost points again.
            cursor.execute("SET LOCAL synchronous_commit TO OFF")
        run.write(
            step=progress.step,
            steps=progress.steps,
            epoch=progress.epoch,
            seconds=progress.seconds,
            device=progress.device[:100],
            **({} if checkpoint is None else {"fruitless": 0}),
            **_start(points),
            **_last(points),
            **best,
        )
        Point.keep(run, points)
        if checkpoint is not None:
            Checkpoint.keep(run, checkpoint.step, checkpoint.to_bytes())
            _log_epoch(run, points)
    run.request, run.requested_rate = Run.objects.values_list("request", "requested_rate").get(pk=run.pk)
    notify.changed(run, progress=True)


def _start(points: Sequence[engines.Point]) -> dict[str, float]:
    """The field with the seconds before the first step, if `points` has the first point of the training."""
    return {"start_seconds": points[0].seconds} if points and points[0].epoch == 0 else {}


def _best(progress: Progress) -> dict[str, float]:
    """The run's best epoch if it ends here: the one whose network is kept, by the metric that `monitor` names."""
    best = progress.best()
    return {
        name: value
        for point in progress.points
        if best is not None and point.epoch == best.epoch and point.val_accuracy is not None
        for name, value in (("best_epoch", point.epoch), ("best_val_accuracy", point.val_accuracy))
    }


def _last(points: Sequence[engines.Point]) -> dict[str, float]:
    """The last validation accuracy among the points."""
    accuracies = [point.val_accuracy for point in points if point.val_accuracy is not None]
    return {"last_val_accuracy": accuracies[-1]} if accuracies else {}


def _log_epoch(run: Run, points: Sequence[engines.Point]) -> None:
    last = [point for point in points if point.val_accuracy is not None][-1]
    run.log(
        f"Epoch {last.epoch:.0f}: loss {last.train_loss:.4f}, validation loss {last.val_loss:.4f}, "
        f"validation accuracy {last.val_accuracy:.2%}, {last.seconds:.1f} s."
    )
