"""The time that a training takes: counts of its operations, and seconds per operation from measured trainings.

A prediction is a sum over the terms: number of operations times seconds per operation on this machine. The seconds
are fitted to measured trainings by non-negative least squares of the relative errors. While few trainings are
measured, the fit stays near the usual seconds, scaled to this machine.
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

# Seconds per operation that `terms` counts, for the NumPy engine on one core of a reference machine. For another
# machine or engine, all are multiplied by one factor.
USUAL: dict[str, float] = {
    "epoch": 2e-3,
    "step": 30e-6,  # per step and layer: the calls
    "parameter": 0.13e-9,  # per parameter, step and array pass of the optimiser
    "image": 1e-6,  # per image: gathered and scaled
    "number": 1.5e-9,  # per number between layers: written and read again
    "bend": 6e-9,  # per number: activations with exponential functions
    "chance": 6e-9,  # per number: dropout
    "dense": 60e-12,  # per multiplication of a forward pass; with dC/dx and dC/dweight, which have as many
    "conv2d": 70e-12,
    "window": 3e-9,  # per number in a convolution's windows
    "recurrent": 80e-12,
    "row": 20e-6,  # per step of a sequence, batch and gate
    "gate": 8e-9,  # per gate of a recurrent neuron, image and step of its sequence
    "affine": 12e-6,  # these four: per augmented image
    "elastic": 4e-6,
    "stroke": 5e-6,
    "noise": 9e-6,
}
# Optimiser -> its array passes over the parameters per step.
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
FORWARD = 1 / 3  # the work on an image in evaluation, as a share of the work in training
SETTLING = 0.4  # seconds of training after which its speed and the estimate before it have equal weight
TRUST = 0.3  # weight of each usual value in the fit; a measured training has weight 1
TERMS = tuple(USUAL)


def terms(hyperparameters: Hyperparameters, train: int, validation: int) -> dict[str, float]:
    """The operations of a training with `train` and `validation` images, counted under the names in USUAL."""
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
    """The operations of a layer per image."""
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
    """Seconds that the counted operations take; `prices` are seconds per operation, by the same names."""
    return sum(count * prices[name] for name, count in counts.items())


def share_done(hyperparameters: Hyperparameters, step: int, steps: int) -> float:
    """The fraction of a training's work done after `step` of `steps` steps, evaluations included."""
    train, validation = images(hyperparameters, steps)
    whole = seconds(terms(hyperparameters, train, validation), USUAL)
    judging = seconds(terms(hyperparameters, 0, validation), USUAL)
    epochs = hyperparameters.epochs * step // steps
    return ((whole - judging) * step / steps + judging * epochs / hyperparameters.epochs) / whole


def images(hyperparameters: Hyperparameters, steps: int) -> tuple[int, int]:
    """About how many training and validation images a training of `steps` steps has."""
    train = steps // hyperparameters.epochs * hyperparameters.batch_size
    return train, round(train * hyperparameters.validation_split / (1 - hyperparameters.validation_split))


def seconds_left(estimated: float, measured: float, done: float) -> float:
    """Seconds left of a training whose fraction `done`, above 0, took `measured` seconds.

    `estimated` is the whole training's seconds as estimated before its start, or 0 for none. It counts less the
    longer the measurement, because a machine's speed varies within seconds.
    """
    trust = measured**2 / (measured**2 + SETTLING**2) if estimated else 1.0
    return (1 - done) * (trust * measured / done + (1 - trust) * estimated)


def fitted(measured: Sequence[tuple[Mapping[str, float], float]], factor: float = 1.0) -> dict[str, float]:
    """Seconds per operation, by term, fitted to trainings (terms, seconds above 0) on one machine and engine.

    `factor`: how many times slower than USUAL this machine and engine are, as far as is known without the trainings.
    """
    usual = np.array([USUAL[name] for name in TERMS]) * factor  # (terms,)
    # The unknowns are in units of the usual seconds, so that all are about 1. Each row is divided by the measured
    # seconds, so that relative errors are minimised.
    rows = [np.array([counts[name] for name in TERMS]) * usual / took for counts, took in measured]
    design: NDArray[np.float64] = np.vstack([*rows, TRUST * np.eye(len(TERMS))])  # (trainings + terms, terms)
    target = np.concatenate([np.ones(len(rows)), np.full(len(TERMS), TRUST)])
    shares, _ = nnls(design, target)  # (terms,)
    return dict(zip(TERMS, (shares * usual).tolist(), strict=True))
