"""Estimates how much a training takes: time, memory, parameters."""

from dataclasses import dataclass

from training.ml.config.hyperparameters import Hyperparameters
from training.ml.data.selection import CLASS_SHARES
from training.ml.engines import ENGINES
from training.ml.resources import time
from training.ml.resources.memory import memory, storage
from training.models import Speed


@dataclass(frozen=True)
class Estimate:
    seconds: float
    parameter_count: int
    operations: int  # multiplications per image in the forward pass
    memory: int  # bytes, in addition to an idle worker
    storage: int  # bytes of networks and checkpoint, at most


def estimate(hyperparameters: Hyperparameters, images: int, engine: str = "numpy") -> Estimate:
    """Estimates a training with `hyperparameters` on a dataset of `images` training images.

    The time is for the machine that was seen last with this engine. Raises InvalidArchitecture.
    """
    return Estimate(
        seconds=time.seconds(time.terms(hyperparameters, *_counts(hyperparameters, images)), _prices(engine)),
        parameter_count=hyperparameters.parameter_count,
        operations=hyperparameters.operations,
        memory=memory(hyperparameters) + ENGINES[engine].footprint,
        storage=storage(hyperparameters),
    )


def _counts(hyperparameters: Hyperparameters, images: int) -> tuple[int, int]:
    """The numbers of training and validation images, assuming that the dataset's classes are equally frequent."""
    used = min(hyperparameters.training_images or images, images)
    validation = max(1, round(used * hyperparameters.validation_split))
    train = used - validation
    if hyperparameters.class_balance != "natural":
        train = min(train, int((images - validation) * CLASS_SHARES[hyperparameters.class_balance].mean()))
    return max(train, 1), validation


def _prices(engine: str) -> dict[str, float]:
    """Seconds per operation on the machine seen last; for an unknown engine, the NumPy engine's; else USUAL."""
    known = {speed.engine: speed for speed in Speed.objects.order_by("seen_at")}
    speed = known.get(engine) or known.get("numpy")
    return time.USUAL | speed.prices if speed else time.USUAL
