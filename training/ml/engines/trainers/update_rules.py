"""The optimisers' update rules for the arrays of any framework: the formulas of training.ml.nn.optimizers.

The frameworks' own optimisers differ in details, such as the place of ε; with these rules, engines differ only in
rounding. `factors` are computed in Python's float64, because float32 would round 1 − β₂ᵗ too much. `move` uses only
operations that arrays of PyTorch, JAX and TensorFlow share; `xp` is the framework's module.
"""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt
from typing import Any, NamedTuple

from training.ml.config.hyperparameters import Hyperparameters

Array = Any  # a framework's float32 array
Arrays = tuple[Array, ...]


class UpdateRule(NamedTuple):
    """The rule of one optimiser."""

    # (hyperparameters, number of the step from 1, learning rate of the step) -> numbers for `move`
    factors: Callable[[Hyperparameters, int, float], tuple[float, ...]]
    # (xp, hyperparameters, parameters, gradient, slots, factors) -> parameters, slots
    move: Callable[[Any, Hyperparameters, Array, Array, Arrays, Any], tuple[Array, Arrays]]


def step(
    xp: Any,
    rule: UpdateRule,
    hyperparameters: Hyperparameters,
    parameters: Array,
    gradient: Array,
    slots: Arrays,
    weights: Array,
    factors: Any,
) -> tuple[Array, Arrays]:
    """Make a step: l1, l2, clipping, weight decay, then the rule. Returns the new parameters and slots.

    All arrays are flat, (trained parameters,). `gradient` is that of the mean loss over the batch, without l1 and l2.
    `weights` is 1 for a weight, 0 for a bias or other parameter.
    """
    h = hyperparameters
    if h.l2:
        gradient = gradient + h.l2 * weights * parameters
    if h.l1:
        gradient = gradient + h.l1 * weights * xp.sign(parameters)
    if h.clip_norm:
        length = xp.sqrt(xp.tensordot(gradient, gradient, 1))
        gradient = gradient * xp.where(length > h.clip_norm, h.clip_norm / length, 1.0)
    if h.optimizer == "adamw":
        parameters = parameters - factors[2] * weights * parameters
    return rule.move(xp, h, parameters, gradient, slots, factors)


def _rate(_h: Hyperparameters, _number: int, rate: float) -> tuple[float, ...]:
    return (rate,)


def _sgd(
    _xp: Any, _h: Hyperparameters, w: Array, g: Array, slots: Arrays, factors: Any
) -> tuple[Array, Arrays]:
    return w - factors[0] * g, slots


def _momentum(
    _xp: Any, h: Hyperparameters, w: Array, g: Array, slots: Arrays, factors: Any
) -> tuple[Array, Arrays]:
    v = h.momentum * slots[0] - factors[0] * g
    return w + v, (v,)


def _nesterov(
    _xp: Any, h: Hyperparameters, w: Array, g: Array, slots: Arrays, factors: Any
) -> tuple[Array, Arrays]:
    v = h.momentum * slots[0] - factors[0] * g
    return w + h.momentum * v - factors[0] * g, (v,)


def _rmsprop(
    xp: Any, h: Hyperparameters, w: Array, g: Array, slots: Arrays, factors: Any
) -> tuple[Array, Arrays]:
    v = h.rho * slots[0] + (1 - h.rho) * g * g
    return w - factors[0] * g / (xp.sqrt(v) + h.epsilon), (v,)


def _adagrad(
    xp: Any, h: Hyperparameters, w: Array, g: Array, slots: Arrays, factors: Any
) -> tuple[Array, Arrays]:
    v = slots[0] + g * g
    return w - factors[0] * g / xp.sqrt(v + h.epsilon), (v,)


def _adadelta(
    xp: Any, h: Hyperparameters, w: Array, g: Array, slots: Arrays, factors: Any
) -> tuple[Array, Arrays]:
    epsilon = h.epsilon / (1 - h.rho)
    v = h.rho * slots[0] + g * g
    change = xp.sqrt((slots[1] + epsilon) / (v + epsilon)) * g
    return w - factors[0] * change, (v, h.rho * slots[1] + change * change)


def _adam_factors(h: Hyperparameters, number: int, rate: float) -> tuple[float, ...]:
    mean_scale = (1 - h.beta_1) / (1 - h.beta_1**number)
    square_scale = (1 - h.beta_2) / (1 - h.beta_2**number)
    return rate * mean_scale / sqrt(square_scale), h.epsilon / sqrt(square_scale), rate * h.weight_decay


def _adam(
    xp: Any, h: Hyperparameters, w: Array, g: Array, slots: Arrays, factors: Any
) -> tuple[Array, Arrays]:
    m = h.beta_1 * slots[0] + g
    v = h.beta_2 * slots[1] + g * g
    return w - factors[0] * m / (xp.sqrt(v) + factors[1]), (m, v)


def _nadam_factors(h: Hyperparameters, number: int, rate: float) -> tuple[float, ...]:
    mean_scale = h.beta_1 * (1 - h.beta_1) / (1 - h.beta_1 ** (number + 1))
    gradient_scale = (1 - h.beta_1) / (1 - h.beta_1**number)
    square_scale = (1 - h.beta_2) / (1 - h.beta_2**number)
    scale = rate / sqrt(square_scale)
    return scale * mean_scale, h.epsilon / sqrt(square_scale), scale * gradient_scale


def _nadam(
    xp: Any, h: Hyperparameters, w: Array, g: Array, slots: Arrays, factors: Any
) -> tuple[Array, Arrays]:
    m = h.beta_1 * slots[0] + g
    v = h.beta_2 * slots[1] + g * g
    return w - (factors[0] * m + factors[2] * g) / (xp.sqrt(v) + factors[1]), (m, v)


UPDATE_RULES: dict[str, UpdateRule] = {
    "adam": UpdateRule(_adam_factors, _adam),
    "adamw": UpdateRule(_adam_factors, _adam),
    "nadam": UpdateRule(_nadam_factors, _nadam),
    "rmsprop": UpdateRule(_rate, _rmsprop),
    "adagrad": UpdateRule(_rate, _adagrad),
    "adadelta": UpdateRule(_rate, _adadelta),
    "nesterov": UpdateRule(_rate, _nesterov),
    "momentum": UpdateRule(_rate, _momentum),
    "sgd": UpdateRule(_rate, _sgd),
}
