"""How a step follows from the gradient: few passes over flat arrays, in place.

An optimiser owns its slots, arrays as long as the parameters that a checkpoint must keep. Up to some hundred
thousand parameters, passes over whole arrays are fastest (a call costs more than the cache saves); of more,
passes over blocks of that size are.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np

from training.hyperparameters import Hyperparameters
from training.nn.arrays import Floats

BLOCK = 2**18  # parameters
# The slots of weights whose gradient stays zero (at pixels of the edge, of dead neurons) decay until they are
# denormal numbers, with which arithmetic is slow, and stay so. Too small to move a weight, they become zero.
NEGLIGIBLE = 1e-30
SETTLING = 64  # steps from one such clearance to the next


class Optimizer(ABC):
    """One optimiser at work on the parameters w, given their gradient g, with its slots."""

    slot_names: ClassVar[tuple[str, ...]] = ()

    def __init__(self, parameters: Floats, gradients: Floats, hyperparameters: Hyperparameters) -> None:
        self.hyperparameters = hyperparameters
        self.slots: dict[str, Floats] = {name: np.zeros_like(parameters) for name in self.slot_names}
        arrays = (parameters, gradients, *self.slots.values())
        scratch = np.empty_like(parameters[:BLOCK])
        starts = range(0, len(parameters), BLOCK)
        self.blocks = [
            (*(array[i : i + BLOCK] for array in arrays), scratch[: len(parameters) - i]) for i in starts
        ]

    def step(self, number: int) -> None:
        """Move the parameters by one step; `number` counts the steps of the training from 1."""
        self.number = number
        self._move()
        if number % SETTLING == 0:
            for slot in self.slots.values():
                slot[np.abs(slot) < NEGLIGIBLE] = 0

    @abstractmethod
    def _move(self) -> None: ...


class Sgd(Optimizer):
    """w ← w − ηg"""

    def _move(self) -> None:
        rate = self.hyperparameters.learning_rate
        for w, g, s in self.blocks:
            np.multiply(g, rate, out=s)
            np.subtract(w, s, out=w)


class Momentum(Optimizer):
    """v ← μv − ηg; w ← w + v"""

    slot_names = ("velocity",)

    def _move(self) -> None:
        rate, momentum = self.hyperparameters.learning_rate, self.hyperparameters.momentum
        for w, g, v, s in self.blocks:
            np.multiply(v, momentum, out=v)
            np.multiply(g, rate, out=s)
            np.subtract(v, s, out=v)
            np.add(w, v, out=w)


class Nesterov(Optimizer):
    """v ← μv − ηg; w ← w + μv − ηg (Sutskever et al. 2013, in the form of Bengio et al. 2012)"""

    slot_names = ("velocity",)

    def _move(self) -> None:
        rate, momentum = self.hyperparameters.learning_rate, self.hyperparameters.momentum
        for w, g, v, s in self.blocks:
            np.multiply(v, momentum, out=v)
            np.multiply(g, rate, out=s)
            np.subtract(v, s, out=v)
            np.subtract(w, s, out=w)
            np.multiply(v, momentum, out=s)
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
            np.multiply(s, h.learning_rate, out=s)
            np.subtract(w, s, out=w)


class Adam(Optimizer):
    """w ← w − η m̂/(√v̂ + ε), algorithm 1 of Kingma & Ba 2015.

    The slots are the paper's m/(1 − β₁) and v/(1 − β₂), which saves two passes: the factors, and those of
    the bias correction, go into the scalars `epsilon` and `rate`.
    """

    slot_names = ("mean", "square")

    def _move(self) -> None:
        h = self.hyperparameters
        mean_scale = (1 - h.beta_1) / (1 - h.beta_1**self.number)  # m̂ = mean_scale · m
        square_scale = (1 - h.beta_2) / (1 - h.beta_2**self.number)  # v̂ = square_scale · v
        rate = h.learning_rate * mean_scale / square_scale**0.5
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


OPTIMIZERS: dict[str, type[Optimizer]] = {
    "adam": Adam,
    "rmsprop": RmsProp,
    "nesterov": Nesterov,
    "momentum": Momentum,
    "sgd": Sgd,
}
