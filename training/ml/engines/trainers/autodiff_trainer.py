"""The common part of trainers for frameworks with automatic differentiation."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.ml.config.hyperparameters import Hyperparameters
from training.ml.engines.trainers.update_rules import UPDATE_RULES, Array, Arrays
from training.ml.nn import Network
from training.ml.nn.activations import softmax
from training.ml.nn.arrays import Bytes
from training.ml.nn.losses import LOSSES, smoothed_targets, smoothing_of
from training.ml.nn.optimizers import OPTIMIZERS

CHUNK = 1000  # images per prediction


class AutodiffTrainer(ABC):
    """Implements Trainer; a subclass for one framework sets `device` and adds the abstract methods.

    The arrays belong to the framework and are flat. `trained` and `statistics` together are the network's parameters.
    """

    device: str
    trained: Array  # weights and biases, (trained,)
    statistics: Array  # the running statistics of batch normalisation, (statistics,)
    slots: Arrays  # the optimiser's, each (trained,)

    def __init__(self, hyperparameters: Hyperparameters, network: Network) -> None:
        self.hyperparameters, self._network = hyperparameters, network
        self.count = network.trained_count
        self.rule = UPDATE_RULES[hyperparameters.optimizer]
        self.loss = LOSSES[hyperparameters.loss]
        self.smoothing = smoothing_of(hyperparameters)
        self.targets = smoothed_targets(self.smoothing)  # (10, 10)
        is_weight = [np.full(tensor.size, tensor.ndim > 1) for tensor in network.tensors.values()]
        self.weights = self.put(np.concatenate(is_weight)[: self.count].astype(np.float32))
        optimizer = OPTIMIZERS[hyperparameters.optimizer]
        self.slot_names = optimizer.slot_names
        slot = np.full(self.count, optimizer.slot_start, np.float32)
        self.restore({"parameters": network.parameters, **dict.fromkeys(self.slot_names, slot)})

    def train(self, images: Bytes, labels: Bytes, step: int, rates: Sequence[float]) -> tuple[float, int]:
        h, targets = self.hyperparameters, self.targets[labels]  # (n, 10)
        answers = []
        for i, rate in enumerate(rates):
            batch = slice(i * h.batch_size, (i + 1) * h.batch_size)
            chance = np.random.SeedSequence([h.seed, 2, step + i])
            seed = chance.generate_state(2).astype(np.uint32)  # (2,)
            factors = self.rule.factors(h, step + i + 1, rate)
            answers.append(self.step(images[batch], targets[batch], seed, factors))
        # After all steps, because copying from a GPU waits until it has finished.
        logits = np.concatenate([self.get(answer) for answer in answers])  # (n, 10)
        with np.errstate(all="ignore"):  # overflow shows up in the loss
            loss = self.loss.values(logits, labels, self.smoothing).sum()
        return float(loss), int(np.count_nonzero(logits.argmax(axis=1) == labels))

    def network(self) -> Network:
        self._network.parameters[: self.count] = self.get(self.trained)
        self._network.parameters[self.count :] = self.get(self.statistics)
        return self._network

    def state(self) -> Mapping[str, NDArray[Any]]:
        slots = dict(zip(self.slot_names, map(self.get, self.slots), strict=True))
        return {"parameters": self.network().parameters, **slots}

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        trained, statistics = np.split(state["parameters"], [self.count])
        self.trained, self.statistics = self.put(trained), self.put(statistics)
        self.slots = tuple(self.put(state[name]) for name in self.slot_names)

    def predict(self, images: Bytes) -> NDArray[np.float32]:
        """Probabilities (n, 10) for images (n, 784), computed by the framework; Network.predict must agree."""
        chunks = (images[start : start + CHUNK] for start in range(0, len(images), CHUNK))
        return np.concatenate([softmax(self.get(self.logits(chunk))) for chunk in chunks])

    @abstractmethod
    def put(self, array: NDArray[Any]) -> Array:
        """A copy of a NumPy array as the framework's array."""

    @abstractmethod
    def get(self, array: Array) -> NDArray[np.float32]:
        """The framework's array as a NumPy array; it may be a view."""

    @abstractmethod
    def step(
        self,
        images: Bytes,
        targets: NDArray[np.float32],
        seed: NDArray[np.uint32],
        factors: tuple[float, ...],
    ) -> Array:
        """Make a step on a batch: images (rows, 784), targets (rows, 10). Returns the logits before it, (rows, 10).

        All random numbers must come from the two numbers in `seed`. `factors` are the update rule's.
        """

    @abstractmethod
    def logits(self, images: Bytes) -> Array:
        """The current network's logits (rows, 10) for images (rows, 784), computed as after the training."""
