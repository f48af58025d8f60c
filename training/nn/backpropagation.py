"""The gradient of the cost by every parameter, one batch at a time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from training.hyperparameters import Hyperparameters
from training.nn.activations import softmax
from training.nn.arrays import Floats
from training.nn.losses import LOSSES
from training.nn.network import Network
from training.nn.passes import Activate, Affine, Dropout, Pass


class Backpropagation:
    """Computes `gradients`, flat as the network's parameters, of the mean loss plus l2/2 · Σ weight².

    The buffers are made once for each number of rows: an epoch has two, its last batch being smaller.
    """

    def __init__(self, network: Network, hyperparameters: Hyperparameters) -> None:
        self.network = network
        self.dropout, self.l2 = hyperparameters.dropout, hyperparameters.l2
        self.loss = LOSSES[hyperparameters.loss]
        self.gradients = np.zeros_like(network.parameters)
        self._gradients = Network(network.layers, self.gradients).tensors
        self._generator = np.random.default_rng(0)
        self._passes: dict[int, list[Pass]] = {}

    def reseed(self, seeds: Sequence[int]) -> None:
        """Start the chance that dropout takes its masks from anew, so that a step can be repeated."""
        self._generator.bit_generator.state = np.random.default_rng(seeds).bit_generator.state

    def run(self, x: Floats, targets: Floats, logits: Floats) -> None:
        """One way forward and back: x (rows, 784) and one-hot targets (rows, 10) to logits (rows, 10)."""
        passes = self._passes.get(len(x)) or self._make_passes(len(x))
        y = x
        for part in passes:
            y = part.forward(y)
        np.copyto(logits, y)
        delta = np.empty_like(y)  # (rows, 10)
        self.loss.derivative(softmax(y, out=y), targets, delta)
        np.multiply(delta, 1 / len(x), out=delta)
        for part in reversed(passes):
            delta = part.backward(delta)
        if self.l2:
            self._decay()

    def _decay(self) -> None:
        for name, tensor in self.network.tensors.items():
            if tensor.ndim > 1:
                self._gradients[name] += self.l2 * tensor

    def _make_passes(self, rows: int) -> list[Pass]:
        passes: list[Pass] = []
        for i, layer in enumerate(self.network.layers):
            weight, bias = f"{i}.weight", f"{i}.bias"
            values, slopes = self.network.tensors, self._gradients
            passes.append(Affine(rows, values[weight], values[bias], slopes[weight], slopes[bias], i == 0))
            if layer["activation"] != "softmax":
                shape = rows, int(layer["units"]), self.gradients.dtype
                passes.append(Activate(*shape, layer["activation"]))
                if self.dropout:
                    passes.append(Dropout(*shape, self.dropout, self._generator))
        self._passes[rows] = passes
        return passes
