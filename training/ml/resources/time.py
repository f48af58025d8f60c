"""What a training costs: counts of what it does, and seconds for each, fitted to trainings that were measured.

A prediction is a sum over the terms: how often a thing is done times the seconds that one takes here. The seconds
come from measured trainings by non-negative least squares of the relative errors, drawn towards usual values scaled
to this machine as long as there are few.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import prod

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from training.ml.config.architecture import Layer
from training.ml.config.hyperparameters import Hyperparameters
from training.ml.config.layer_types import GATES

# Seconds on one core of some machine, NumPy engine, for one of what `terms` counts; another machine or engine is so
# many times slower or faster.
USUAL: dict[str, float] = {
    "epoch": 2e-3,
    "step": 30e-6,  # and layer: the calls
    "parameter": 0.13e-9,  # and step, and array pass of the optimiser
    "image": 1e-6,  # gathered and scaled
    "number": 1.5e-9,  # between layers: written and read again
    "bend": 6e-9,  # activations with exponential functions, of a number
    "chance": 6e-9,  # dropout, of a number
    "dense": 60e-12,  # multiplications, on all three ways
    "conv2d": 70e-12,
    "window": 3e-9,  # numbers laid out for a convolution
    "recurrent": 80e-12,
    "row": 20e-6,  # of a sequence, in a step, and gate
    "gate": 8e-9,  # of a recurrent neuron, in a row
    "affine": 12e-6,  # augmentation of an image
    "elastic": 4e-6,
    "stroke": 5e-6,
    "noise": 9e-6,
}
# Array passes over the parameters in a step.
PASSES = {
    "sgd": 2,
    "momentum": 4,
    "nesterov": 6,
    "rmsprop": 9,
    "adagrad": 7,
    "adadelta": 15,
    "adam": 10,
    "adamw": 12,
    "nadam": 13,
}
BENDS = frozenset({"elu", "gelu", "tanh", "sigmoid", "softmax"})
FORWARD = 1 / 3  # of a training's work on an image, for judging it only
SETTLING = 0.4  # seconds of a training after which its own speed says as much as the estimate from before
TRUST = 0.3  # in the usual seconds, in measured trainings: how far a few of these can move them
TERMS = tuple(USUAL)


def terms(hyperparameters: Hyperparameters, train: int, validation: int) -> dict[str, float]:
    """What a training with so many training and validation images does, by the names in USUAL."""
    h, layers = hyperparameters, hyperparameters.traced
    steps = h.epochs * -(-train // h.batch_size)
    trained = h.epochs * train
    worked = trained + h.epochs * validation * FORWARD
    counts: dict[str, float] = defaultdict(float)
    for layer in layers:
        counts["step"] += steps
        for name, count in _of_image(layer).items():
            counts[name] += worked * count
        if layer.spec["type"] in GATES:
            counts["row"] += steps * layer.reads[0] * GATES[layer.spec["type"]]
    weights = sum(layer.parameter_count for layer in layers)
    passes = PASSES[h.optimizer] + 2 * bool(h.l2) + 2 * bool(h.l1) + bool(h.clip_norm)
    counts["parameter"] = steps * weights * passes
    counts["image"] = worked
    counts["epoch"] = h.epochs
    if h.augment_shift or h.augment_rotate or h.augment_scale or h.augment_shear or h.augment_elastic:
        counts["affine"] = trained
    for name in ("elastic", "stroke", "noise"):
        counts[name] = trained * bool(getattr(h, f"augment_{name}"))
    return {name: counts[name] for name in TERMS}


def _of_image(layer: Layer) -> dict[str, float]:
    """What a layer does for one image."""
    spec, numbers = layer.spec, prod(layer.gives)
    if spec["type"] in GATES:
        gates = layer.reads[0] * GATES[spec["type"]] * spec["units"]
        return {"recurrent": layer.operations, "gate": gates}
    if spec["type"] == "dropout":
        return {"chance": numbers}
    counts = {"number": numbers, "bend": numbers * (spec.get("activation") in BENDS)}
    if spec["type"] == "conv2d":
        windows = numbers / spec["filters"] * spec["kernel_size"] ** 2 * layer.reads[-1]
        return {**counts, "conv2d": layer.operations, "window": windows}
    return {**counts, "dense": layer.operations}


def seconds(counts: Mapping[str, float], prices: Mapping[str, float]) -> float:
    """Seconds that the counted operations take, at these seconds per operation."""
    return sum(count * prices[name] for name, count in counts.items())


def share_done(hyperparameters: Hyperparameters, step: int, steps: int) -> float:
    """The fraction of a training's work done after `step` of `steps` steps, evaluations included."""
    train, validation = images(hyperparameters, steps)
    whole = seconds(terms(hyperparameters, train, validation), USUAL)
    judging = seconds(terms(hyperparameters, 0, validation), USUAL)
    epochs = hyperparameters.epochs * step // steps
    return ((whole - judging) * step / steps + judging * epochs / hyperparameters.epochs) / whole


def images(hyperparameters: Hyperparameters, steps: int) -> tuple[int, int]:
    """About how many training and validation images a training of so many steps has."""
    train = steps // hyperparameters.epochs * hyperparameters.batch_size
    return train, round(train * hyperparameters.validation_split / (1 - hyperparameters.validation_split))


def seconds_left(estimated: float, measured: float, done: float) -> float:
    """Seconds left of a training whose fraction `done`, above 0, took `measured` seconds.

    The longer the measurement, the less the estimate from before the start (0 for none) counts: what slows a machine
    down comes and goes within seconds.
    """
    trust = measured**2 / (measured**2 + SETTLING**2) if estimated else 1.0
    return (1 - done) * (trust * measured / done + (1 - trust) * estimated)


def fitted(measured: Sequence[tuple[Mapping[str, float], float]], factor: float = 1.0) -> dict[str, float]:
    """Seconds for one of each term, from trainings (their terms, their seconds) on one machine and engine.

    `factor` says how much slower this machine is than the one of USUAL, as far as that is known otherwise.
    """
    usual = np.array([USUAL[name] for name in TERMS]) * factor  # (terms,)
    # In units of the usual seconds, so that all unknowns are about 1; each row divided by what was measured, so that
    # relative errors count.
    rows = [np.array([counts[name] for name in TERMS]) * usual / took for counts, took in measured]
    design: NDArray[np.float64] = np.vstack([*rows, TRUST * np.eye(len(TERMS))])  # (trainings + terms, terms)
    target = np.concatenate([np.ones(len(rows)), np.full(len(TERMS), TRUST)])
    shares, _ = nnls(design, target)  # (terms,)
    return dict(zip(TERMS, (shares * usual).tolist(), strict=True))
