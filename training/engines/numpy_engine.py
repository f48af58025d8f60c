"""The engine of our own: the network in training.nn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.engines.engine import Engine, Trainer
from training.hyperparameters import CLASSES, Hyperparameters
from training.nn import Network
from training.nn.arrays import Bytes, Floats
from training.nn.backpropagation import Backpropagation
from training.nn.optimizers import OPTIMIZERS

ONE_HOT = np.eye(CLASSES, dtype=np.float32)


class NumpyEngine(Engine):
    """NumPy's matrix products, and a flat array of parameters."""

    name = "numpy"
    label = "NumPy"

    def trainer(self, hyperparameters: Hyperparameters) -> Trainer:
        return NumpyTrainer(hyperparameters)


class NumpyTrainer:
    """Implements Trainer."""

    def __init__(self, hyperparameters: Hyperparameters) -> None:
        self.hyperparameters = hyperparameters
        self._network = Network.for_hyperparameters(hyperparameters)
        self.backpropagation = Backpropagation(self._network, hyperparameters)
        self.optimizer = OPTIMIZERS[hyperparameters.optimizer](
            self._network.parameters, self.backpropagation.gradients, hyperparameters
        )
        self.pixels = np.empty((0, 0), np.float32)

    def train(self, images: Bytes, labels: Bytes, step: int) -> tuple[float, int]:
        pixels = self._scaled(images)  # (n, 784)
        targets = ONE_HOT[labels]  # (n, 10)
        logits = np.empty_like(targets)  # (n, 10)
        self.backpropagation.reseed([self.hyperparameters.seed, 2, step])
        with np.errstate(all="ignore"):  # what diverges shows in the loss
            self._steps(pixels, targets, logits, step)
            loss = self.backpropagation.loss.values(logits, labels).sum()
        return float(loss), int(np.count_nonzero(logits.argmax(axis=1) == labels))

    def network(self) -> Network:
        return self._network

    def state(self) -> Mapping[str, NDArray[Any]]:
        return {"parameters": self._network.parameters, **self.optimizer.slots}

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        for name, array in self.state().items():
            np.copyto(array, state[name])

    def _steps(self, pixels: Floats, targets: Floats, logits: Floats, step: int) -> None:
        size = self.hyperparameters.batch_size
        for number, start in enumerate(range(0, len(pixels), size), start=step + 1):
            batch = slice(start, start + size)
            self.backpropagation.run(pixels[batch], targets[batch], logits[batch])
            self.optimizer.step(number)

    def _scaled(self, images: Bytes) -> Floats:
        if len(self.pixels) < len(images):
            self.pixels = np.empty(images.shape, np.float32)
        pixels = self.pixels[: len(images)]
        # Converting and scaling in two passes is a third faster than one multiplication of mixed types.
        np.copyto(pixels, images)
        return np.multiply(pixels, 1 / 255, out=pixels)
