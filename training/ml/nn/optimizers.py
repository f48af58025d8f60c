"""Optimisers: each turns the gradient into a step, in place, in few passes over flat arrays.

An optimiser owns its slots: arrays as long as the parameters, which a checkpoint must store. The learning rate η
is given for each step, because schedules change it. Long arrays are processed in blocks of BLOCK parameters: the
processor's cache saves more time than the additional calls take.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from math import isinf, sqrt
from typing import ClassVar

import numpy as np

from training.ml.config.hyperparameters import Hyperparameters
from training.ml.nn.arrays import Floats

BLOCK = 2**18  # parameters
# Where a gradient stays zero (edge pixels, dead neurons), the slots decay to denormal numbers, which slow arithmetic
# down. Numbers below NEGLIGIBLE are too small to move a weight, so they are set to zero.
NEGLIGIBLE = 1e-30
CLEARING = 64  # steps between two such clearances


class Optimizer(ABC):
    """Moves the parameters w, given their gradient g.

    `weights` are the slices of the flat array that hold weights, not biases and the like: AdamW decays only these.
    """

    slot_names: ClassVar[tuple[str, ...]] = ()
    slot_start: ClassVar[float] = 0.0
    scratch_count: ClassVar[int] = 1

    def __init__(
        self,
        parameters: Floats,
        gradients: Floats,
        hyperparameters: Hyperparameters,
        weights: Sequence[slice] = (),
    ) -> None:
        self.hyperparameters = hyperparameters
        self.weights = [parameters[part] for part in weights]
        self.slots: dict[str, Floats] = {
            name: np.full_like(parameters, self.slot_start) for name in self.slot_names
        }
        arrays = (parameters, gradients, *self.slots.values())
        scratches = [np.empty_like(parameters[:BLOCK]) for _ in range(self.scratch_count)]
        self.blocks = [
            (*(array[i : i + BLOCK] for array in arrays), *(s[: len(parameters) - i] for s in scratches))
            for i in range(0, len(parameters), BLOCK)
        ]

    def step(self, number: int, rate: float) -> None:
        """Move the parameters by one step, with the learning rate `rate`; `number` counts a training's steps from 1."""
        self.number, self.rate = number, rate
        self._move()
        if number % CLEARING == 0:
            for slot in self.slots.values():
                slot[np.abs(slot) < NEGLIGIBLE] = 0

    @abstractmethod
    def _move(self) -> None: ...


class Sgd(Optimizer):
    """w ← w − ηg (Robbins & Monro 1951)"""

    def _move(self) -> None:
        for w, g, s in self.blocks:
            np.multiply(g, self.rate, out=s)
            np.subtract(w, s, out=w)


class Momentum(Optimizer):
    """v ← μv − ηg; w ← w + v (Polyak 1964)"""

    slot_names = ("velocity",)

    def _move(self) -> None:
        for w, g, v, s in self.blocks:
            self._accelerate(g, v, s)
            np.add(w, v, out=w)

    def _accelerate(self, g: Floats, v: Floats, s: Floats) -> None:
        # v ← μv − ηg, and s = ηg
        np.multiply(v, self.hyperparameters.momentum, out=v)
        np.multiply(g, self.rate, out=s)
        np.subtract(v, s, out=v)


class Nesterov(Momentum):
    """v ← μv − ηg; w ← w + μv − ηg (Sutskever et al. 2013, in the form of Bengio et al. 2012)"""

    def _move(self) -> None:
        for w, g, v, s in self.blocks:
            self._accelerate(g, v, s)
            np.subtract(w, s, out=w)
            np.multiply(v, self.hyperparameters.momentum, out=s)
            np.add(w, s, out=w)


class RmsProp(Optimizer):
    """v ← ρv + (1 − ρ)g²; w ← w − ηg/(√v + ε) (Tieleman & Hinton 2012)"""

    slot_names = ("square",)

    def _move(self) -> None:
        h = self.hyperparameters
        for w, g, v, s in self.blocks:
            np.multiply(v, h.rho, out=v)
            np.multiply(g, g, out=s)
            np.multiply(s, 1 - h.rho, out=s)
            np.add(v, s, out=v)
            np.sqrt(v, out=s)
            np.add(s, h.epsilon, out=s)
            np.divide(g, s, out=s)
            np.multiply(s, self.rate, out=s)
            np.subtract(w, s, out=w)


class Adagrad(Optimizer):
    """v ← v + g²; w ← w − ηg/√(v + ε), v starting at 0.1 as in Keras (Duchi et al. 2011)"""

    slot_names = ("square",)
    slot_start = 0.1

    def _move(self) -> None:
        epsilon = self.hyperparameters.epsilon
        for w, g, v, s in self.blocks:
            np.multiply(g, g, out=s)
            np.add(v, s, out=v)
            np.add(v, epsilon, out=s)
            np.sqrt(s, out=s)
            np.divide(g, s, out=s)
            np.multiply(s, self.rate, out=s)
            np.subtract(w, s, out=w)


class Adadelta(Optimizer):
    """v ← ρv + (1 − ρ)g²; δ = g √(d + ε)/√(v + ε); d ← ρd + (1 − ρ)δ²; w ← w − ηδ (Zeiler 2012, there η = 1)

    The slots are v/(1 − ρ) and d/(1 − ρ), which saves two passes.
    """

    slot_names = ("square", "change")
    scratch_count = 2

    def _move(self) -> None:
        rho = self.hyperparameters.rho
        epsilon = self.hyperparameters.epsilon / (1 - rho)
        for w, g, v, d, s, t in self.blocks:
            np.multiply(v, rho, out=v)
            np.multiply(g, g, out=s)
            np.add(v, s, out=v)
            np.add(d, epsilon, out=s)
            np.add(v, epsilon, out=t)
            np.divide(s, t, out=s)
            np.sqrt(s, out=s)
            np.multiply(s, g, out=s)  # δ
            np.multiply(s, s, out=t)
            np.multiply(d, rho, out=d)
            np.add(d, t, out=d)
            np.multiply(s, self.rate, out=s)
            np.subtract(w, s, out=w)


class Adam(Optimizer):
    """Algorithm 1 of Kingma & Ba 2015, in step t:

        m ← β₁m + (1 − β₁)g          m̂ = m/(1 − β₁ᵗ)
        v ← β₂v + (1 − β₂)g²         v̂ = v/(1 − β₂ᵗ)
        w ← w − η m̂/(√v̂ + ε)

    The slots are the paper's m/(1 − β₁) and v/(1 − β₂), which saves two passes: the factors 1 − β₁, 1 − β₂ and
    the bias corrections go into the scalars `rate` and `epsilon`.
    """

    slot_names = ("mean", "square")

    def _move(self) -> None:
        h = self.hyperparameters
        mean_scale = (1 - h.beta_1) / (1 - h.beta_1**self.number)  # m̂ = mean_scale · m
        square_scale = (1 - h.beta_2) / (1 - h.beta_2**self.number)  # v̂ = square_scale · v
        rate = self.rate * mean_scale / square_scale**0.5
        epsilon = h.epsilon / square_scale**0.5
        for w, g, m, v, s in self.blocks:
            np.multiply(m, h.beta_1, out=m)
            np.add(m, g, out=m)
            np.multiply(v, h.beta_2, out=v)
            np.multiply(g, g, out=s)
            np.add(v, s, out=v)
            np.sqrt(v, out=s)
            np.add(s, epsilon, out=s)
            np.divide(m, s, out=s)
            np.multiply(s, rate, out=s)
            np.subtract(w, s, out=w)


class AdamW(Adam):
    """w ← w − ηλw for the weights, then a step of Adam; λ is `weight_decay` (Loshchilov & Hutter 2019)."""

    def _move(self) -> None:
        share = 1 - self.rate * self.hyperparameters.weight_decay
        for weights in self.weights:
            np.multiply(weights, share, out=weights)
        super()._move()


class Nadam(Optimizer):
    """Adam with Nesterov momentum (Dozat 2016, with the same β₁ in all steps), in step t:

        m, v and v̂ as in Adam
        w ← w − η (β₁m/(1 − β₁ᵗ⁺¹) + (1 − β₁)g/(1 − β₁ᵗ))/(√v̂ + ε)

    The slots are scaled as in Adam.
    """

    slot_names = ("mean", "square")
    scratch_count = 2

    def _move(self) -> None:
        h, t = self.hyperparameters, self.number
        mean_scale = h.beta_1 * (1 - h.beta_1) / (1 - h.beta_1 ** (t + 1))
        gradient_scale = (1 - h.beta_1) / (1 - h.beta_1**t)
        square_scale = (1 - h.beta_2) / (1 - h.beta_2**t)  # v̂ = square_scale · v
        rate = self.rate * gradient_scale / square_scale**0.5
        epsilon = h.epsilon / square_scale**0.5
        for w, g, m, v, s, n in self.blocks:
            np.multiply(m, h.beta_1, out=m)
            np.add(m, g, out=m)
            np.multiply(v, h.beta_2, out=v)
            np.multiply(g, g, out=s)
            np.add(v, s, out=v)
            np.sqrt(v, out=s)
            np.add(s, epsilon, out=s)
            np.multiply(m, mean_scale / gradient_scale, out=n)
            np.add(n, g, out=n)
            np.divide(n, s, out=s)
            np.multiply(s, rate, out=s)
            np.subtract(w, s, out=w)


def clip(gradients: Floats, norm: float) -> None:
    """Scale the flat gradient, in place, to the Euclidean norm `norm` if its own is greater; 0 turns clipping off."""
    if not norm:
        return
    with np.errstate(over="ignore"):
        length = sqrt(np.dot(gradients, gradients))
    if isinf(length):  # squares overflow float32 long before the numbers do
        length = float(np.linalg.norm(gradients.astype(np.float64)))
    if length > norm:
        np.multiply(gradients, norm / length, out=gradients)


OPTIMIZERS: dict[str, type[Optimizer]] = {
    "adam": Adam,
    "adamw": AdamW,
    "nadam": Nadam,
    "rmsprop": RmsProp,
    "adagrad": Adagrad,
    "adadelta": Adadelta,
    "nesterov": Nesterov,
    "momentum": Momentum,
    "sgd": Sgd,
}
