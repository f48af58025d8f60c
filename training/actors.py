"""What a worker does: take the run first in line, train it, and keep all that comes of it."""

import logging
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

import dramatiq
from django.db import Error as DatabaseError
from django.db import connection, transaction
from django.utils import timezone
from dramatiq.errors import ConnectionClosed
from redis.exceptions import RedisError

from digits import datasets
from training import events, formats
from training.engines import ENGINES, Diverged, Evaluation, InvalidCheckpoint, Progress, evaluate, split
from training.engines import Checkpoint as EngineCheckpoint
from training.engines import Point as EnginePoint
from training.hyperparameters import InvalidHyperparameters
from training.models import Checkpoint, Experiment, LeaseLost, Network, Point, Run, Status, Wish
from tryml.monitoring.context import about
from tryml.monitoring.events import record

logger = logging.getLogger(__name__)

WORKER = f"{socket.gethostname()}:{os.getpid()}"
# Seconds between two looks at the database: for news and for the owner's wishes.
KEEP_INTERVAL = 0.25
DAY = 24 * 60 * 60 * 1000

# Set when this process is to end: the run in hand goes back in line with a checkpoint.
stopping = threading.Event()
# The run in hand; the watch keeps its lease alive.
_in_hand: list[Run] = []


@dramatiq.actor(max_retries=0, time_limit=7 * DAY)
def train(run_id: int) -> None:
    """Train the run that is first in line, which is `run_id` or one that waits for longer.

    The line's order is the database's; a message says no more than that somebody waits. So it may come twice or
    never: see `watch`.
    """
    if stopping.is_set() or (run := Run.objects.claim(WORKER)) is None:
        logger.info("Nothing waits; run %s is taken care of.", run_id)
        return
    with about(run=run.pk, user=run.experiment.owner_id), _held(run):
        try:
            _train(run)
        except LeaseLost as lost:
            logger.warning("%s Left to the worker that has it.", lost)
        except DatabaseError:
            # Without the database nothing can be said of the run: when it is back, `watch` takes the run back.
            logger.exception("The database failed while run %s was training.", run.pk)
        except (Diverged, InvalidHyperparameters, datasets.DatasetError) as error:
            _fail(run, str(error))
        except Exception as error:
            logger.exception("Run %s crashed.", run.pk)
            _fail(run, f"The {run.engine} engine crashed: {type(error).__name__}: {error}")


def enqueue(run: Run) -> None:
    """Tell the workers that `run` waits. Without Redis they find it by themselves, as soon as one is idle."""
    try:
        train.send(run.pk)
    except (ConnectionClosed, RedisError, OSError) as error:
        logger.warning("Run %s waits without a message: %s", run.pk, error)


@contextmanager
def _held(run: Run) -> Iterator[None]:
    _in_hand.append(run)
    try:
        yield
    finally:
        _in_hand.remove(run)


def _train(run: Run) -> None:
    hyperparameters = run.hyperparameters
    hyperparameters.validate()
    dataset = datasets.load(run.dataset)
    train_split, validation_split = split(dataset.train, hyperparameters)
    checkpoint = _checkpoint(run)
    _announce(run, checkpoint)
    points: list[EnginePoint] = []
    epoch_ended, kept = False, 0.0
    for progress in ENGINES[run.engine].fit(hyperparameters, train_split, validation_split, checkpoint):
        points += progress.points
        epoch_ended |= progress.epoch_ended
        if progress.step < progress.steps and monotonic() - kept < KEEP_INTERVAL:
            continue
        _keep(run, progress, points, epoch_ended)
        points, epoch_ended, kept = [], False, monotonic()
        if stopping.is_set():
            _leave(run, progress, Status.QUEUED, "The worker is shutting down: in line again.")
            return
        if progress.step < progress.steps and run.wish == Wish.PAUSE:
            _leave(run, progress, Status.PAUSED, f"Paused at epoch {progress.epoch:.2f}.")
            return
        if progress.step < progress.steps and run.wish == Wish.STOP:
            _finish(
                run,
                progress,
                evaluate(progress.network(), dataset.test, hyperparameters.loss),
                Status.STOPPED,
            )
            return
        events.changed(run, progress=True)
    _finish(run, progress, evaluate(progress.network(), dataset.test, hyperparameters.loss), Status.FINISHED)


def _checkpoint(run: Run) -> EngineCheckpoint | None:
    stored = Checkpoint.objects.filter(run=run).first()
    if stored is None:
        return None
    try:
        return EngineCheckpoint.from_bytes(bytes(stored.data))
    except InvalidCheckpoint as error:
        run.log(f"{error} Training starts anew.", "warning")
        return None


def _announce(run: Run, checkpoint: EngineCheckpoint | None) -> None:
    where = f"from step {checkpoint.step} on" if checkpoint else "from the start"
    run.log(f"Training {where} on worker {run.worker}.")
    record("run started", f"{run} trains {where}.", run=run.pk, user=run.experiment.owner_id)
    events.changed(run)
    events.line_moved()


def _keep(run: Run, progress: Progress, points: list[EnginePoint], epoch_ended: bool) -> None:
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
            **_validation(run, points),
        )
        Point.keep(run, points)
        if epoch_ended:
            _store(run, progress)
            _log_epoch(run, points)
    run.wish = Run.objects.values_list("wish", flat=True).get(pk=run.pk)


def _validation(run: Run, points: list[EnginePoint]) -> dict[str, float]:
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


def _store(run: Run, progress: Progress) -> None:
    Checkpoint.keep(run, progress.step, progress.checkpoint().to_bytes())


def _log_epoch(run: Run, points: list[EnginePoint]) -> None:
    last = [point for point in points if point.val_accuracy is not None][-1]
    run.log(
        f"Epoch {last.epoch:.0f}: loss {last.train_loss:.4f}, validation loss {last.val_loss:.4f}, "
        f"validation accuracy {last.val_accuracy:.2%}, {last.seconds:.1f} s."
    )


def _leave(run: Run, progress: Progress, status: Status, text: str) -> None:
    """Give the run up at any step, with all that another worker needs to go on."""
    with transaction.atomic():
        _store(run, progress)
        run.write(status=status, wish=Wish.NONE, lease=None)
        run.log(text)
    events.changed(run)


def _finish(run: Run, progress: Progress, evaluation: Evaluation, status: Status) -> None:
    if status == Status.FINISHED:
        reason = "All epochs trained."
    else:
        reason = f"Stopped by you at epoch {progress.epoch:.2f}; what was learnt is kept."
    network = progress.network()
    with transaction.atomic():
        run.write(
            status=status,
            wish=Wish.NONE,
            lease=None,
            reason=reason,
            finished_at=timezone.now(),
            test_accuracy=evaluation.accuracy,
            test_loss=evaluation.loss,
            confusion=evaluation.confusion.tolist(),
        )
        if status == Status.STOPPED:
            # In the midst of an epoch, perhaps; after its last one a run's checkpoint is stored already.
            _store(run, progress)
        Network.objects.update_or_create(
            run=run,
            defaults={
                # Asked again: a guest may have signed in since, and brought the run along.
                "owner_id": Experiment.objects.values_list("owner_id", flat=True).get(pk=run.experiment_id),
                "name": run.name,
                "data": formats.dump(network, {"name": run.name, "dataset": run.dataset}),
                "test_accuracy": evaluation.accuracy,
            },
        )
        run.log(f"{reason} Test accuracy {evaluation.accuracy:.2%} after {run.seconds:.1f} s of training.")
    record(
        f"run {status}",
        f"{run}: test accuracy {evaluation.accuracy:.2%}.",
        run=run.pk,
        user=run.experiment.owner_id,
    )
    events.changed(run)


def _fail(run: Run, reason: str) -> None:
    reason = reason[:500]
    try:
        with transaction.atomic():
            run.write(
                status=Status.FAILED, wish=Wish.NONE, lease=None, reason=reason, finished_at=timezone.now()
            )
            run.log(reason, "error")
    except LeaseLost:
        return
    record("run failed", f"{run}: {reason}", level="error", run=run.pk, user=run.experiment.owner_id)
    events.changed(run)


def watch() -> None:
    """Called every second in each worker: stay alive in the others' eyes, and look after runs nobody has.

    A run whose worker died goes back to its place in line. A run that waits though its message was lost, with
    Redis for instance, gets another one while a worker is idle.
    """
    for run in _in_hand:
        if run.lease:
            Run.objects.beat(run.lease)
    for run in Run.objects.take_back():
        run.log(f"Worker {run.worker} vanished; the run goes on from its last checkpoint.", "warning")
        record("worker vanished", f"{run.worker} was training {run}.", level="warning", run=run.pk)
        events.changed(run)
    if not _in_hand and not stopping.is_set():
        waiting = Run.objects.filter(status=Status.QUEUED).order_by("queued_at").first()
        if waiting is not None:
            enqueue(waiting)
