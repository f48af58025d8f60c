"""The learning rate of each step: a function of the hyperparameters and the step's place, which remembers nothing."""

from __future__ import annotations

import math
from collections.abc import Callable

from training.ml.config.hyperparameters import Hyperparameters

# Of one_cycle, as in PyTorch: the share of the training in which the rate rises, from which share of its peak, and
# how much lower than it started it ends.
RISE, START, END = 0.3, 1 / 25, 1e-4


def rate(hyperparameters: Hyperparameters, step: int, steps: int, steps_per_epoch: int) -> float:
    """The learning rate η of step number `step`, from 0, of a training of `steps` steps.

    It is `learning_rate` times a factor that depends on `schedule`. With `warmup_epochs` it first rises in a
    straight line, from 0 before the first step to the whole at the warm-up's last, and the schedule runs over the
    steps that remain; one_cycle has a rise of its own instead, to `learning_rate` as its peak.
    """
    if hyperparameters.schedule == "one_cycle":
        return hyperparameters.learning_rate * _one_cycle(step, steps)
    warmup = hyperparameters.warmup_epochs * steps_per_epoch  # steps, maybe not whole
    if step < warmup:
        return hyperparameters.learning_rate * min(1.0, (step + 1) / warmup)
    epochs, share = (step - warmup) / steps_per_epoch, _passed(step, warmup, steps)
    return hyperparameters.learning_rate * FACTORS[hyperparameters.schedule](hyperparameters, epochs, share)


def curve(
    hyperparameters: Hyperparameters, steps_per_epoch: int, points: int = 101
) -> list[tuple[float, float]]:
    """At most so many points (epoch, rate) of the training, first and last step included, for drawing them."""
    steps = hyperparameters.epochs * steps_per_epoch
    shown = sorted({round(i * (steps - 1) / (points - 1)) for i in range(points)})
    return [(step / steps_per_epoch, rate(hyperparameters, step, steps, steps_per_epoch)) for step in shown]


def _step(h: Hyperparameters, epochs: float, _share: float) -> float:
    # The tiny number makes up for quotients that fall just short of a whole one.
    return math.pow(h.decay_rate, math.floor(epochs / h.decay_epochs + 1e-9))


def _exponential(h: Hyperparameters, epochs: float, _share: float) -> float:
    return math.pow(h.decay_rate, epochs / h.decay_epochs)


def _polynomial(h: Hyperparameters, _epochs: float, share: float) -> float:
    return h.final_share + (1 - h.final_share) * math.pow(1 - share, h.power)


def _cosine(h: Hyperparameters, _epochs: float, share: float) -> float:
    # Loshchilov & Hutter 2017, without restarts
    return _between(1, h.final_share, share)


# schedule -> its factor, from the epochs and the share of the steps that have passed since the warm-up.
FACTORS: dict[str, Callable[[Hyperparameters, float, float], float]] = {
    "constant": lambda _h, _epochs, _share: 1.0,
    "step": _step,
    "exponential": _exponential,
    "polynomial": _polynomial,
    "cosine": _cosine,
}


def _one_cycle(step: int, steps: int) -> float:
    # Smith & Topin 2018, with cosines; the momentum stays as it is.
    peak = max(RISE * steps - 1, 0)
    if step <= peak:
        return _between(START, 1, _passed(step, 0, peak))
    return _between(1, START * END, _passed(step, peak, steps - 1))


def _passed(step: float, start: float, stop: float) -> float:
    # Of the way from start to stop, 1 if there is none.
    return min(1.0, (step - start) / (stop - start)) if start < stop else 1.0


def _between(start: float, end: float, share: float) -> float:
    # Half a cosine from start to end.
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2
