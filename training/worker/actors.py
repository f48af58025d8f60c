"""The work of a worker: claim the first queued run, train it, store its progress and its result."""

import logging
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from uuid import UUID

import dramatiq
from django.db import Error as DatabaseError
from django.db import transaction
from django.utils import timezone
from dramatiq.errors import ConnectionClosed
from redis.exceptions import RedisError

from digits import datasets
from digits.datasets import Split
from training.estimates import quotas, speed
from training.estimates.estimate import estimate
from training.ml import engines, formats
from training.ml.config.hyperparameters import InvalidHyperparameters
from training.ml.data.selection import Selection
from training.ml.engines import (
    ENGINES,
    Diverged,
    InvalidCheckpoint,
    Progress,
    Unsupported,
    split,
)
from training.models import Checkpoint, LeaseLost, Request, Run, Status
from training.worker import dataset_fetch, notify
from training.worker.recorder import Recorder
from training.worker.result import best_network, finish, judge_start, judged, store_checkpoint
from tryml.monitoring.context import about
from tryml.monitoring.events import record

logger = logging.getLogger(__name__)

WORKER = f"{socket.gethostname()}:{os.getpid()}"
DAY = 24 * 60 * 60 * 1000

# Set when this process shuts down: its run is queued again, with a checkpoint.
stopping = threading.Event()
# The run that this process trains; `watch` sends its heartbeats.
_in_hand: list[Run] = []


@dramatiq.actor(max_retries=0, time_limit=7 * DAY)
def train(run_id: int) -> None:
    """Train the first queued run: `run_id`, or one queued before it.

    The database holds the queue; a message only says that a run is queued, and may come twice or never:
    1. worker A gets the message and claims the run;
    2. the message comes again, and worker B claims the next queued run, or finds none;
    3. if A dies, or a message is lost, `watch` queues the run again or sends another message.
    """
    if stopping.is_set() or (run := Run.objects.claim(WORKER, speed.machine())) is None:
        logger.info("Nothing waits; run %s is taken care of.", run_id)
        return
    lease = run.lease
    with about(run=run.pk, user=run.experiment.owner_id), _kept_alive(run):
        try:
            _train(run)
        except dataset_fetch.Left:
            _put_back(run)
        except LeaseLost as lost:
            logger.warning("%s Left to the worker that has it.", lost)
        except DatabaseError:
            # 1. The database fails, so the run's state can't be stored. 2. This worker drops the run: its status stays
            # running, its heartbeats stop. 3. The database is back, and a worker's `watch` queues the abandoned run.
            logger.exception("The database failed while run %s was training.", run.pk)
        except (Diverged, InvalidHyperparameters, Unsupported, datasets.DatasetError) as error:
            _fail(run, lease, str(error))
        except Exception as error:
            logger.exception("Run %s crashed.", run.pk)
            _fail(run, lease, f"The {run.engine} engine crashed: {type(error).__name__}: {error}")


def enqueue(run: Run) -> None:
    """Send the workers a message that `run` is queued. Without Redis an idle worker finds it by `watch`."""
    try:
        train.send(run.pk)
    except (ConnectionClosed, RedisError, OSError) as error:
        logger.warning("Run %s waits without a message: %s", run.pk, error)


@contextmanager
def _kept_alive(run: Run) -> Iterator[None]:
    _in_hand.append(run)
    try:
        yield
    finally:
        _in_hand.remove(run)


def _train(run: Run) -> None:
    hyperparameters = run.hyperparameters
    hyperparameters.validate()
    # With one image, so that only the memory can be refused, not the time.
    wanted = estimate(hyperparameters, 1, run.engine)
    if problem := quotas.refused(wanted):
        raise InvalidHyperparameters({"memory": problem})
    dataset = dataset_fetch.fetched(run, stopping)
    train_split, validation_split = split(dataset.train, hyperparameters)
    checkpoint = _checkpoint(run)
    _announce(run, checkpoint)
    with Recorder(run) as recorder:
        progress, leaving = _fit(run, recorder, train_split, validation_split, checkpoint)
        if leaving:
            recorder.settle()
            _leave(run, progress)
            return
        judge = partial(judged, validation_split, dataset.test, hyperparameters)
        last, best = judge(progress.network()), best_network(progress)
        judged_best = None if best is None else judge(best)
        judge_start(run, dataset.test)
        recorder.settle()
    finish(run, progress, last, judged_best)


def _fit(
    run: Run, recorder: Recorder, train: Selection, validation: Split, checkpoint: engines.Checkpoint | None
) -> tuple[Progress, bool]:
    """Train until the run ends, its owner pauses or stops it, or this process shuts down.

    Returns the last progress, and whether the run is to go on later.
    """
    progress: Progress | None = None
    leaving = False
    initial = formats.load(bytes(run.initial.data)) if run.has_initial else None
    until = _until(run, checkpoint.step if checkpoint else 0, len(train))
    engine = ENGINES[run.engine]
    try:
        for progress in engine.fit(
            run.hyperparameters, train, validation, checkpoint, initial=initial, until=until
        ):
            if run.requested_rate is not None:
                recorder.settle()
                _change_rate(run, progress, run.requested_rate)
            recorder.add(progress)
            leaving = not progress.ended and (stopping.is_set() or run.request == Request.PAUSE)
            if leaving:
                break
            if run.request == Request.STOP and not progress.ended:
                recorder.stop(progress)
                break
        else:
            leaving = progress is not None and not progress.ended  # it reached `until`
    except (LeaseLost, DatabaseError):
        raise
    except Exception:
        if progress is not None:
            recorder.flush(progress)
        raise
    if progress is None:
        raise RuntimeError("it told of no progress")
    recorder.finish(progress)
    return progress, leaving


def _until(run: Run, step: int, images: int) -> int | None:
    """The step at which to pause, if the owner asked for one batch or one epoch; `images` counts training images."""
    if run.request == Request.BATCH:
        return step + 1
    if run.request == Request.EPOCH:
        steps_per_epoch = -(-images // run.hyperparameters.batch_size)
        return (step // steps_per_epoch + 1) * steps_per_epoch
    return None


def _change_rate(run: Run, progress: Progress, rate: float) -> None:
    changed = progress.change_learning_rate(rate)
    with transaction.atomic():
        # Without `setup`, because the result now depends on the moment of the change: no other run may reuse it.
        run.write(hyperparameters_json=changed.to_dict(), setup="")
        # 1. The worker has read the request for this rate. 2. The owner asks for another one. 3. Only this rate's
        # request is cleared, so the worker reads the other one with its next write.
        Run.objects.filter(pk=run.pk, requested_rate=rate).update(requested_rate=None)
        run.log(f"Learning rate {rate:g} from epoch {progress.epoch:.2f} on.")
    run.requested_rate = None


def _checkpoint(run: Run) -> engines.Checkpoint | None:
    stored = Checkpoint.objects.filter(run=run).first()
    if stored is None:
        return None
    try:
        return engines.Checkpoint.from_bytes(bytes(stored.data))
    except InvalidCheckpoint as error:
        run.log(f"{error} Training starts anew.", "warning")
        return None


def _announce(run: Run, checkpoint: engines.Checkpoint | None) -> None:
    where = f"from step {checkpoint.step} on" if checkpoint else "from the start"
    run.log(f"Training {where} on worker {run.worker}.")
    record("run started", f"{run} trains {where}.", run=run.pk, user=run.experiment.owner_id)
    notify.changed(run)
    notify.line_moved()


def _put_back(run: Run) -> None:
    """Release the run before it trains: pause or stop it if its owner asked for that, else queue it again."""
    with transaction.atomic():
        # 1. The worker reads a request. 2. The owner changes the request. 3. The worker reads it again, under a lock,
        # and does what the owner asked last.
        requested = (
            Run.objects.select_for_update().values_list("request", flat=True).filter(pk=run.pk).first()
        )
        steps = requested if requested in {Request.BATCH, Request.EPOCH} else Request.NONE
        run.write(status=Status.QUEUED, request=steps, lease=None, fruitless=0)
        if requested == Request.PAUSE:
            run.pause()
        elif requested == Request.STOP:
            run.stop()
        else:
            run.log("In line again.")
    if run.status == Status.QUEUED and not stopping.is_set():
        enqueue(run)
    notify.changed(run)


def _leave(run: Run, progress: Progress) -> None:
    """Release the run at any step, paused or queued, with a checkpoint to resume from."""
    with transaction.atomic():
        store_checkpoint(run, progress)
        # 1. The worker reads the request to pause. 2. The owner withdraws it. 3. The worker reads the request again,
        # under a lock, and queues the run instead.
        requested = (
            Run.objects.select_for_update().values_list("request", flat=True).filter(pk=run.pk).first()
        )
        if requested in {Request.PAUSE, Request.BATCH, Request.EPOCH} and not (
            stopping.is_set() and requested != Request.PAUSE
        ):
            run.write(status=Status.PAUSED, request=Request.NONE, lease=None, fruitless=0)
            run.log(f"Paused at epoch {progress.epoch:.2f}.")
        else:
            run.write(status=Status.QUEUED, lease=None, fruitless=0)
            run.log("The worker is shutting down: in line again." if stopping.is_set() else "In line again.")
    if run.status == Status.QUEUED and not stopping.is_set():
        enqueue(run)
    notify.changed(run)


def _fail(run: Run, lease: UUID | None, reason: str) -> None:
    reason = reason[:500]
    # 1. A write clears the lease, in the row and in `run`. 2. An error rolls the transaction back, so the row has its
    # lease again, but `run` has none. 3. With the lease restored, this write finds the row.
    run.lease = lease
    try:
        with transaction.atomic():
            run.write(
                status=Status.FAILED,
                request=Request.NONE,
                lease=None,
                reason=reason,
                finished_at=timezone.now(),
            )
            run.log(reason, "error")
    except LeaseLost:
        return
    record("run failed", f"{run}: {reason}", level="error", run=run.pk, user=run.experiment.owner_id)
    notify.changed(run)


def watch() -> None:
    """Called every second in each worker: sends its heartbeat, and takes care of runs without a worker.

    A worker dies:
    1. its heartbeats stop, and RUN_LEASE seconds later its run counts as abandoned;
    2. one of the other workers queues the run again, at its old place;
    3. an idle worker sends a message, and the run resumes from its last checkpoint.

    A message is lost, for example with Redis: an idle worker finds the queued run and sends another.
    """
    for run in _in_hand:
        if run.lease:
            Run.objects.beat(run.lease)
    for run in Run.objects.take_back():
        if run.status == Status.FAILED:
            run.log(run.reason, "error")
            record(
                "run failed", f"{run}: {run.reason}", level="error", run=run.pk, user=run.experiment.owner_id
            )
            notify.changed(run)
            continue
        run.log(f"Worker {run.worker} vanished; the run goes on from its last checkpoint.", "warning")
        record("worker vanished", f"{run.worker} was training {run}.", level="warning", run=run.pk)
        notify.changed(run)
    if not _in_hand and not stopping.is_set():
        waiting = Run.objects.filter(status=Status.QUEUED).order_by("queued_at").first()
        if waiting is not None:
            enqueue(waiting)
