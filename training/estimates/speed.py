"""Learns the speed of each machine and engine from the trainings that ended, to estimate the time of the next ones."""

import logging
import os
import socket
from dataclasses import replace

import numpy as np
from django.utils import timezone

from digits.datasets import Split
from training.ml.config.hyperparameters import Hyperparameters
from training.ml.config.templates import TEMPLATES, dense
from training.ml.engines import ENGINES
from training.ml.resources import time
from training.models import Run, Speed, Status

logger = logging.getLogger(__name__)

HISTORY = 200  # latest trainings that a speed is learnt from
SHORTEST = 1.0  # seconds; shorter trainings are ignored
ENOUGH = 5  # trainings from which on they replace the calibration's factor
# The trainings of the calibration: a second or less each.
TRIALS = (
    Hyperparameters(layers=dense(128, 64), epochs=1),
    Hyperparameters(layers=TEMPLATES["Keras example CNN"], epochs=1, batch_size=32),
)
TRIAL_IMAGES = (10_000, 500)  # half for training, half for validation
TIMES = 3  # repetitions of each trial


def machine() -> str:
    """The name of this machine with the number of threads per worker."""
    return f"{socket.gethostname()}, {os.environ.get('OPENBLAS_NUM_THREADS', 'all')} threads"


def calibrate() -> None:
    """Called when a worker starts: measures the speed of the NumPy engine on a new machine; takes seconds."""
    speed, is_new = Speed.objects.get_or_create(
        machine=machine(), engine="numpy", defaults={"prices": time.USUAL}
    )
    if is_new:
        # The fastest of the repetitions, because other programs only slow a trial down.
        tried = [min(_tried(h, n) for _ in range(TIMES)) for h, n in zip(TRIALS, TRIAL_IMAGES, strict=True)]
        speed.factor = float(np.mean(tried))
        speed.prices = time.fitted([], speed.factor)
        logger.info("This machine takes %.2f times as long as usual.", speed.factor)
    speed.seen_at = timezone.now()
    speed.save()


def _tried(hyperparameters: Hyperparameters, images: int) -> float:
    """The time of a training on random images, divided by the usual time."""
    chance = np.random.default_rng(0)
    pixels = chance.integers(0, 256, (images, 28, 28), np.uint8)
    noise = Split(pixels, chance.integers(0, 10, images, np.uint8))
    half = images // 2
    *_, progress = ENGINES["numpy"].fit(hyperparameters, noise[:half], noise[half:])
    usual = time.seconds(time.terms(hyperparameters, half, images - half), time.USUAL)
    return progress.seconds / usual


def learn(run: Run) -> None:
    """Fit this machine's speed to the latest runs that ended on it with the engine and the device of `run`.

    Runs with more than one attempt don't count: another machine may have trained a part.
    """
    speed, _ = Speed.objects.get_or_create(
        machine=machine(), engine=run.engine, defaults={"prices": time.USUAL}
    )
    ended = Run.objects.filter(
        engine=run.engine,
        machine=machine(),
        device=run.device,
        status__in=(Status.FINISHED, Status.STOPPED),
        seconds__gte=SHORTEST,
        attempts=1,
    )
    rows = ended.order_by("-finished_at").values_list("hyperparameters_json", "step", "steps", "seconds")
    measured = [
        (_terms(Hyperparameters.from_dict(values), step, steps), seconds)
        for values, step, steps, seconds in rows[:HISTORY]
    ]
    factor = speed.factor
    if len(measured) >= ENOUGH:
        factor = float(np.median([took / time.seconds(terms, time.USUAL) for terms, took in measured]))
    speed.prices, speed.trainings = time.fitted(measured, factor), len(measured)
    speed.seen_at = timezone.now()
    speed.save()


def _terms(hyperparameters: Hyperparameters, step: int, steps: int) -> dict[str, float]:
    """The counted operations of a run that made `step` of `steps` steps."""
    whole = time.terms(replace(hyperparameters, max_seconds=None), *time.images(hyperparameters, steps))
    return {name: count * step / steps for name, count in whole.items()}
