"""The NumPy engine, which trains with training.ml.nn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.ml.config.hyperparameters import Hyperparameters
from training.ml.engines.engine import Engine
from training.ml.engines.trainer import Trainer
from training.ml.nn import Network
from training.ml.nn.arrays import Bytes, Floats
from training.ml.nn.backpropagation import Backpropagation
from training.ml.nn.losses import smoothed_targets, smoothing_of
from training.ml.nn.optimizers import OPTIMIZERS, clip


class NumpyEngine(Engine):
    """Trains with NumPy on a flat array of parameters."""

    name = "numpy"
    label = "NumPy"
    version = f"2 on NumPy {np.__version__}"

    def trainer(self, hyperparameters: Hyperparameters, network: Network) -> Trainer:
        return NumpyTrainer(hyperparameters, network)


class NumpyTrainer:
    """Implements Trainer."""

    device = ""

    def __init__(self, hyperparameters: Hyperparameters, network: Network) -> None:
        self.hyperparameters = hyperparameters
        self._network = network
        self.backpropagation = Backpropagation(network, hyperparameters)
        self.gradients = self.backpropagation.gradients
        self.optimizer = OPTIMIZERS[hyperparameters.optimizer](
            network.parameters[: len(self.gradients)], self.gradients, hyperparameters, _weights(network)
        )
        self.smoothing = smoothing_of(hyperparameters)
        self.targets = smoothed_targets(self.smoothing)  # (10, 10)
        self.pixels = np.empty((0, 0), np.float32)

    def train(self, images: Bytes, labels: Bytes, step: int, rates: Sequence[float]) -> tuple[float, int]:
        pixels = self._scaled(images)  # (n, 784)
        targets = self.targets[labels]  # (n, 10)
        logits = np.empty_like(targets)  # (n, 10)
        with np.errstate(all="ignore"):  # overflow shows up in the loss
            self._steps(pixels, targets, logits, step, rates)
            loss = self.backpropagation.loss.values(logits, labels, self.smoothing).sum()
        return float(loss), int(np.count_nonzero(logits.argmax(axis=1) == labels))

    def network(self) -> Network:
        return self._network

    def state(self) -> Mapping[str, NDArray[Any]]:
        return {"parameters": self._network.parameters, **self.optimizer.slots}

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        for name, array in self.state().items():
            np.copyto(array, state[name])

    def _steps(
        self, pixels: Floats, targets: Floats, logits: Floats, step: int, rates: Sequence[float]
    ) -> None:
        size, clip_norm = self.hyperparameters.batch_size, self.hyperparameters.clip_norm
        for i, rate in enumerate(rates):
            batch = slice(i * size, (i + 1) * size)
            if self.backpropagation.is_random:
                self.backpropagation.reseed([self.hyperparameters.seed, 2, step + i])
            self.backpropagation.run(pixels[batch], targets[batch], logits[batch])
            if clip_norm:
                clip(self.gradients, clip_norm)
            self.optimizer.step(step + i + 1, rate)

    def _scaled(self, images: Bytes) -> Floats:
        if len(self.pixels) < len(images):
            self.pixels = np.empty(images.shape, np.float32)
        pixels = self.pixels[: len(images)]
        # Converting, then scaling, is a third faster than one multiplication of mixed types.
        np.copyto(pixels, images)
        return np.multiply(pixels, 1 / 255, out=pixels)


def _weights(network: Network) -> list[slice]:
    """The slices of the flat array that hold weights, which alone decay, not biases or statistics."""
    found, start = [], 0
    for tensor in network.tensors.values():
        stop = start + prod(tensor.shape)
        if tensor.ndim > 1:
            found.append(slice(start, stop))
        start = stop
    return found
