"""The learning rate of each step: a function, without state, of the hyperparameters and the step's number."""

from __future__ import annotations

import math
from collections.abc import Callable

from training.ml.config.hyperparameters import Hyperparameters

# For one_cycle, as in PyTorch: the share of the steps in which the rate rises, the first rate divided by the peak,
# and the last rate divided by the first.
RISE, START, END = 0.3, 1 / 25, 1e-4


def rate(hyperparameters: Hyperparameters, step: int, steps: int, steps_per_epoch: int) -> float:
    """The learning rate η of step number `step`, from 0, of a training of `steps` steps.

    It is `learning_rate` times a factor that depends on `schedule`. With `warmup_epochs` it first rises linearly
    and reaches `learning_rate` at the warm-up's last step; the schedule then runs over the remaining steps.
    one_cycle ignores `warmup_epochs`: it rises by itself, and `learning_rate` is its peak.
    """
    if hyperparameters.schedule == "one_cycle":
        return hyperparameters.learning_rate * _one_cycle(step, steps)
    warmup = hyperparameters.warmup_epochs * steps_per_epoch  # in steps; may have a fraction
    if step < warmup:
        return hyperparameters.learning_rate * min(1.0, (step + 1) / warmup)
    epochs, share = (step - warmup) / steps_per_epoch, _passed(step, warmup, steps)
    return hyperparameters.learning_rate * FACTORS[hyperparameters.schedule](hyperparameters, epochs, share)


def curve(
    hyperparameters: Hyperparameters, steps_per_epoch: int, points: int = 101
) -> list[tuple[float, float]]:
    """At most `points` (2 or more) pairs (epoch, rate) for drawing, the first and last step included."""
    steps = hyperparameters.epochs * steps_per_epoch
    shown = sorted({round(i * (steps - 1) / (points - 1)) for i in range(points)})
    return [(step / steps_per_epoch, rate(hyperparameters, step, steps, steps_per_epoch)) for step in shown]


def _step(h: Hyperparameters, epochs: float, _share: float) -> float:
    # 1e-9 corrects quotients that rounding leaves just below a whole number.
    return math.pow(h.decay_rate, math.floor(epochs / h.decay_epochs + 1e-9))


def _exponential(h: Hyperparameters, epochs: float, _share: float) -> float:
    return math.pow(h.decay_rate, epochs / h.decay_epochs)


def _polynomial(h: Hyperparameters, _epochs: float, share: float) -> float:
    return h.final_share + (1 - h.final_share) * math.pow(1 - share, h.power)


def _cosine(h: Hyperparameters, _epochs: float, share: float) -> float:
    # Loshchilov & Hutter 2017, without restarts
    return _between(1, h.final_share, share)


# Schedule -> its factor, given the epochs since the warm-up and the share of the remaining steps that has passed.
FACTORS: dict[str, Callable[[Hyperparameters, float, float], float]] = {
    "constant": lambda _h, _epochs, _share: 1.0,
    "step": _step,
    "exponential": _exponential,
    "polynomial": _polynomial,
    "cosine": _cosine,
}


def _one_cycle(step: int, steps: int) -> float:
    # Smith & Topin 2018, with cosines instead of lines; the momentum is not changed.
    peak = max(RISE * steps - 1, 0)
    if step <= peak:
        return _between(START, 1, _passed(step, 0, peak))
    return _between(1, START * END, _passed(step, peak, steps - 1))


def _passed(step: float, start: float, stop: float) -> float:
    # The fraction of the way from start to stop, at most 1; 1 if start ≥ stop.
    return min(1.0, (step - start) / (stop - start)) if start < stop else 1.0


def _between(start: float, end: float, share: float) -> float:
    # Half a cosine from start to end.
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2
