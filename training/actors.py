"""What a worker does: take the run first in line, train it, and keep all that comes of it."""

import logging
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

import dramatiq
from django.db import Error as DatabaseError
from django.db import transaction
from django.utils import timezone
from dramatiq.errors import ConnectionClosed
from redis.exceptions import RedisError

from digits import datasets
from digits.datasets import Split
from training import estimates, events, preparation, quotas
from training.keeper import Keeper
from training.ml import formats, nn
from training.ml.config.hyperparameters import InvalidHyperparameters
from training.ml.data.selection import Selection
from training.ml.engines import (
    ENGINES,
    Diverged,
    Evaluation,
    InvalidCheckpoint,
    Progress,
    Unsupported,
    evaluate,
    split,
)
from training.ml.engines import Checkpoint as EngineCheckpoint
from training.ml.evaluation.calibration import Calibration, calibrated
from training.models import Checkpoint, Experiment, InitialNetwork, LeaseLost, Network, Run, Status, Wish
from tryml.monitoring.context import about
from tryml.monitoring.events import record

logger = logging.getLogger(__name__)

WORKER = f"{socket.gethostname()}:{os.getpid()}"
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
    if stopping.is_set() or (run := Run.objects.claim(WORKER, estimates.machine())) is None:
        logger.info("Nothing waits; run %s is taken care of.", run_id)
        return
    lease = run.lease
    with about(run=run.pk, user=run.experiment.owner_id), _held(run):
        try:
            _train(run)
        except preparation.Left:
            _put_back(run)
        except LeaseLost as lost:
            logger.warning("%s Left to the worker that has it.", lost)
        except DatabaseError:
            # Without the database nothing can be said of the run: when it is back, `watch` takes the run back.
            logger.exception("The database failed while run %s was training.", run.pk)
        except (Diverged, InvalidHyperparameters, Unsupported, datasets.DatasetError) as error:
            _fail(run, lease, str(error))
        except Exception as error:
            logger.exception("Run %s crashed.", run.pk)
            _fail(run, lease, f"The {run.engine} engine crashed: {type(error).__name__}: {error}")


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
    wanted = estimates.estimate(hyperparameters, 1, run.engine)  # of one image: its time says nothing
    if problem := quotas.refused(wanted):
        raise InvalidHyperparameters({"memory": problem})
    dataset = preparation.fetched(run, stopping)
    train_split, validation_split = split(dataset.train, hyperparameters)
    checkpoint = _checkpoint(run)
    _announce(run, checkpoint)
    with Keeper(run) as keeper:
        progress, leaving = _fit(run, keeper, train_split, validation_split, checkpoint)
        if leaving:
            keeper.settle()
            _leave(run, progress)
            return
        judge = partial(_judged, validation_split, dataset.test, hyperparameters.loss)
        last, best = judge(progress.network()), _best(progress)
        judged_best = None if best is None else judge(best)
        _judge_start(run, dataset.test)
        keeper.settle()
    _finish(run, progress, last, judged_best)


def _fit(
    run: Run, keeper: Keeper, train: Selection, validation: Split, checkpoint: EngineCheckpoint | None
) -> tuple[Progress, bool]:
    """Train to the end or to where the owner or this process wants to stop; True when others are to go on."""
    progress: Progress | None = None
    leaving = False
    initial = formats.load(bytes(run.initial.data)) if run.has_initial else None
    until = _until(run, checkpoint.step if checkpoint else 0, len(train))
    engine = ENGINES[run.engine]
    try:
        for progress in engine.fit(
            run.hyperparameters, train, validation, checkpoint, initial=initial, until=until
        ):
            if run.wished_rate is not None:
                keeper.settle()
                _change_rate(run, progress, run.wished_rate)
            keeper.add(progress)
            leaving = not progress.ended and (stopping.is_set() or run.wish == Wish.PAUSE)
            if leaving or (run.wish == Wish.STOP and not progress.ended):
                break
        else:
            leaving = progress is not None and not progress.ended  # it came to `until`
    except (LeaseLost, DatabaseError):
        raise
    except Exception:
        if progress is not None:
            keeper.flush(progress)
        raise
    if progress is None:
        raise RuntimeError("it told of no progress")
    keeper.finish(progress)
    return progress, leaving


def _until(run: Run, step: int, images: int) -> int | None:
    """The step at which the owner wants the run to pause again, if they train it step by step."""
    if run.wish == Wish.BATCH:
        return step + 1
    if run.wish == Wish.EPOCH:
        steps_per_epoch = -(-images // run.hyperparameters.batch_size)
        return (step // steps_per_epoch + 1) * steps_per_epoch
    return None


def _change_rate(run: Run, progress: Progress, rate: float) -> None:
    changed = progress.change_learning_rate(rate)
    with transaction.atomic():
        # Steered by hand, it answers no other run's question.
        run.write(hyperparameters_json=changed.to_dict(), setup="")
        Run.objects.filter(pk=run.pk, wished_rate=rate).update(wished_rate=None)
        run.log(f"Learning rate {rate:g} from epoch {progress.epoch:.2f} on.")
    run.wished_rate = None


def _best(progress: Progress) -> nn.Network | None:
    """The network of the best epoch, unless it is the last one."""
    best = progress.best()
    return None if best is None or best.epoch == progress.epoch else progress.best_network()


class Judged(NamedTuple):
    network: nn.Network
    evaluation: Evaluation  # of the test split
    calibration: Calibration


def _judged(validation: Split, test: Split, loss: str, network: nn.Network) -> Judged:
    return Judged(network, evaluate(network, test, loss), calibrated(network, validation))


def _judge_start(run: Run, test: Split) -> None:
    """Test the network that the run started from, once: its result is shown beside that."""
    if run.has_initial and run.initial.test_accuracy is None:
        accuracy = evaluate(formats.load(bytes(run.initial.data)), test).accuracy
        InitialNetwork.objects.filter(run=run).update(test_accuracy=accuracy)


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


def _store(run: Run, progress: Progress) -> None:
    Checkpoint.keep(run, progress.step, progress.checkpoint().to_bytes())


def _put_back(run: Run) -> None:
    """Give the run up before it trains: to its owner's wish, or to another worker."""
    with transaction.atomic():
        wish = Run.objects.select_for_update().values_list("wish", flat=True).filter(pk=run.pk).first()
        run.write(status=Status.QUEUED, wish=Wish.NONE, lease=None)
        if wish == Wish.PAUSE:
            run.pause()
        elif wish == Wish.STOP:
            run.stop()
        else:
            run.log("In line again.")
    if run.status == Status.QUEUED and not stopping.is_set():
        enqueue(run)
    events.changed(run)


def _leave(run: Run, progress: Progress) -> None:
    """Give the run up at any step, with all that another worker needs to go on."""
    with transaction.atomic():
        _store(run, progress)
        # Looked at again under a lock: the owner may have thought better of it.
        wish = Run.objects.select_for_update().values_list("wish", flat=True).filter(pk=run.pk).first()
        if wish in {Wish.PAUSE, Wish.BATCH, Wish.EPOCH} and not (stopping.is_set() and wish != Wish.PAUSE):
            run.write(status=Status.PAUSED, wish=Wish.NONE, lease=None)
            run.log(f"Paused at epoch {progress.epoch:.2f}.")
        else:
            run.write(status=Status.QUEUED, lease=None)
            run.log("The worker is shutting down: in line again." if stopping.is_set() else "In line again.")
    if run.status == Status.QUEUED and not stopping.is_set():
        enqueue(run)
    events.changed(run)


def _finish(run: Run, progress: Progress, last: Judged, best: Judged | None) -> None:
    evaluation = last.evaluation
    if progress.ended:
        status, reason = Status.FINISHED, progress.ended
    else:
        status = Status.STOPPED
        reason = f"Stopped by you at epoch {progress.epoch:.2f}; what was learnt is kept."
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
        if not progress.epoch_ended:
            # In the midst of an epoch; at its end the checkpoint is stored already.
            _store(run, progress)
        _keep_network(run, {"run": run}, last, run.name)
        Network.objects.filter(best_of=run).delete()
        if best is not None:
            found = progress.best()
            name = f"{run.name}, best epoch{f' {found.epoch}' if found else ''}"
            _keep_network(run, {"best_of": run}, best, name[:100])
        run.log(f"{reason} Test accuracy {evaluation.accuracy:.2%} after {run.seconds:.1f} s of training.")
    record(
        f"run {status}",
        f"{run}: test accuracy {evaluation.accuracy:.2%}.",
        run=run.pk,
        user=run.experiment.owner_id,
    )
    events.changed(run)
    estimates.learn(run)


def _keep_network(run: Run, place: dict[str, Any], judged: Judged, name: str) -> None:
    """Store a network of the run in its place: {"run": run} for the last one, {"best_of": run} for the best."""
    Network.objects.update_or_create(
        **place,
        defaults={
            # Asked again: a guest may have signed in since, and brought the run along.
            "owner_id": Experiment.objects.values_list("owner_id", flat=True).get(pk=run.experiment_id),
            **Network.contents(judged.network, name, dataset=run.dataset, **judged.calibration.metadata()),
            "test_accuracy": judged.evaluation.accuracy,
        },
    )


def _fail(run: Run, lease: UUID | None, reason: str) -> None:
    reason = reason[:500]
    # What failed may have written, and the run let go, in a transaction that then came to nothing.
    run.lease = lease
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
