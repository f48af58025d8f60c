"""The result of a run: its tested networks, its final status and its score."""

from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone

from digits.datasets import Split
from training.estimates import speed
from training.ml import formats, nn
from training.ml.config.hyperparameters import Hyperparameters
from training.ml.engines import Evaluation, Progress, evaluate
from training.ml.evaluation.calibration import Calibration, calibrated
from training.ml.nn.losses import smoothing_of
from training.models import Checkpoint, Experiment, InitialNetwork, Network, Request, Run, Status
from training.worker import notify
from tryml.monitoring.events import record


def best_network(progress: Progress) -> nn.Network | None:
    """The network of the best epoch; None if there is none, or if the training ends with that epoch."""
    best = progress.best()
    return None if best is None or best.epoch == progress.epoch else progress.best_network()


class Judged(NamedTuple):
    network: nn.Network
    evaluation: Evaluation  # on the test split
    calibration: Calibration  # on the validation split


def judged(validation: Split, test: Split, hyperparameters: Hyperparameters, network: nn.Network) -> Judged:
    """The network with its evaluation, by the loss that it was trained with, and its calibration."""
    evaluation = evaluate(network, test, hyperparameters.loss, smoothing_of(hyperparameters))
    return Judged(network, evaluation, calibrated(network, validation))


def judge_start(run: Run, test: Split) -> None:
    """Test the network that the run started from, unless it was tested; pages compare it with the run's result."""
    if run.has_initial and run.initial.test_accuracy is None:
        accuracy = evaluate(formats.load(bytes(run.initial.data)), test).accuracy
        InitialNetwork.objects.filter(run=run).update(test_accuracy=accuracy)


def store_checkpoint(run: Run, progress: Progress) -> None:
    Checkpoint.keep(run, progress.step, progress.checkpoint().to_bytes())


def finish(run: Run, progress: Progress, last: Judged, best: Judged | None) -> None:
    """Store the run's status, test result and networks, and learn this machine's speed. Raises LeaseLost."""
    evaluation = last.evaluation
    if progress.ended:
        status, reason = Status.FINISHED, progress.ended
    else:
        status = Status.STOPPED
        reason = f"Stopped by you at epoch {progress.epoch:.2f}; what was learnt is kept."
    with transaction.atomic():
        run.write(
            status=status,
            request=Request.NONE,
            lease=None,
            reason=reason,
            finished_at=timezone.now(),
            test_accuracy=evaluation.accuracy,
            test_loss=evaluation.loss,
            confusion=evaluation.confusion.tolist(),
        )
        if not progress.epoch_ended:
            # The recorder stores a checkpoint only at the end of an epoch.
            store_checkpoint(run, progress)
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
    notify.changed(run)
    speed.learn(run)


def _keep_network(run: Run, place: dict[str, Any], judged: Judged, name: str) -> None:
    """Store a network of the run in its place: {"run": run} for the last one, {"best_of": run} for the best."""
    Network.objects.update_or_create(
        **place,
        defaults={
            # 1. A guest starts the run. 2. The guest signs in, and the run moves to the account. 3. `run.experiment`
            # still names the guest, so the owner is read again.
            "owner_id": Experiment.objects.values_list("owner_id", flat=True).get(pk=run.experiment_id),
            **Network.contents(judged.network, name, dataset=run.dataset, **judged.calibration.metadata()),
            "test_accuracy": judged.evaluation.accuracy,
        },
    )
