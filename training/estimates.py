"""How long a training will take, before it starts."""

from dataclasses import dataclass
from statistics import median

from training.hyperparameters import Hyperparameters
from training.models import Run, Status
from training.sketch import Sketch, sketch

# Seconds on one machine, measured by `make bench`; others differ by a factor that their finished runs tell.
STEP = 100e-6  # a step's fixed cost
WEIGHT_IMAGE = 6e-11  # for each weight and image: forward, backward and gradient
WEIGHT_STEP = 1.5e-9  # for each weight and step: the optimiser
HISTORY = 20


@dataclass(frozen=True)
class Estimate:
    seconds: float
    parameter_count: int
    memory: int  # bytes over the idle worker
    layers: Sketch


def estimate(hyperparameters: Hyperparameters, images: int) -> Estimate:
    """What training with `hyperparameters` on a dataset of `images` training images would take here."""
    return Estimate(
        seconds=_seconds(hyperparameters, images) * _factor(),
        parameter_count=hyperparameters.parameter_count,
        memory=hyperparameters.memory,
        layers=sketch(hyperparameters.layer_sizes),
    )


def _seconds(hyperparameters: Hyperparameters, images: int) -> float:
    used = min(hyperparameters.training_images or images, images)
    trained = used * (1 - hyperparameters.validation_split)
    steps = trained / hyperparameters.batch_size
    weights = hyperparameters.parameter_count
    # Validation is a forward pass: a third of what training costs an image.
    seen = trained + used * hyperparameters.validation_split / 3
    return hyperparameters.epochs * (steps * (STEP + weights * WEIGHT_STEP) + seen * weights * WEIGHT_IMAGE)


def _factor() -> float:
    """How much slower than reckoned the last finished runs were; 1 without any."""
    finished = Run.objects.filter(status=Status.FINISHED, seconds__gt=0, steps__gt=0).order_by("-finished_at")
    rows = finished.values_list("hyperparameters_json", "steps", "seconds")[:HISTORY]
    known = [(Hyperparameters.from_dict(values), steps, seconds) for values, steps, seconds in rows]
    return median([seconds / _seconds(h, _images(h, steps)) for h, steps, seconds in known] or [1.0])


def _images(hyperparameters: Hyperparameters, steps: int) -> int:
    """How many images a run with so many steps used, validation included."""
    trained = steps / hyperparameters.epochs * hyperparameters.batch_size
    return round(trained / (1 - hyperparameters.validation_split))
