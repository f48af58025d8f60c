"""Back-propagation: the gradient of the loss with respect to every trained parameter, one batch at a time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from training.ml.config.hyperparameters import Hyperparameters
from training.ml.nn.activations import softmax
from training.ml.nn.arrays import Floats
from training.ml.nn.assembly import Assembly
from training.ml.nn.losses import LOSSES
from training.ml.nn.network import Network
from training.ml.nn.passes import Pass, Reshape


class Backpropagation:
    """Computes `gradients` (trained_count,) of the mean loss plus l1 · Σ|w| + l2/2 · Σw².

    They are flat and in the order of the network's trained parameters. The sums are over weights, not biases.
    Buffers are made once per batch size: an epoch has at most two sizes, because its last batch may be smaller.
    """

    def __init__(self, network: Network, hyperparameters: Hyperparameters) -> None:
        self.network = network
        self.l1, self.l2 = hyperparameters.l1, hyperparameters.l2
        self.loss = LOSSES[hyperparameters.loss]
        gradients = np.zeros_like(network.parameters)
        self.gradients = gradients[: network.trained_count]
        # Statistics have no gradient; they are in this array only because Network needs all parameters.
        self._gradients = Network(network.layers, gradients).tensors
        self._generator = np.random.default_rng(0)
        self._assembly = Assembly(network.placed, network.tensors, self._gradients, self._generator)
        self.is_random = any(layer.spec["type"] == "dropout" for layer in network.placed)
        self._passes: dict[int, tuple[list[Pass], list[Pass]]] = {}

    def reseed(self, seeds: Sequence[int]) -> None:
        """Seed the random numbers of dropout, so that a step can be repeated."""
        self._generator.bit_generator.state = np.random.default_rng(seeds).bit_generator.state

    def run(self, x: Floats, targets: Floats, logits: Floats) -> None:
        """One forward and one backward pass of a batch; fills `gradients` and writes `logits` (rows, 10).

        x (rows, 784); targets (rows, 10), each row of which sums to 1.
        """
        forward, back = self._passes.get(len(x)) or self._make_passes(len(x))
        y = x
        for part in forward:
            y = part.forward(y)
        np.copyto(logits, y)
        delta = np.empty_like(y)  # (rows, 10)
        self.loss.derivative(logits, softmax(y, out=y), targets, delta)
        np.multiply(delta, 1 / len(x), out=delta)
        for part in back:
            delta = part.backward(delta)
        if self.l1 or self.l2:
            self._decay()

    def _decay(self) -> None:
        for name, tensor in self.network.tensors.items():
            if tensor.ndim > 1 and self.l2:
                self._gradients[name] += self.l2 * tensor
            if tensor.ndim > 1 and self.l1:
                self._gradients[name] += self.l1 * np.sign(tensor)

    def _make_passes(self, rows: int) -> tuple[list[Pass], list[Pass]]:
        layers = self._assembly.passes(rows)
        forward = [part for layer in layers for part in layer]
        # Layers before the first one with parameters need no derivative.
        first, *rest = layers[self._assembly.first_to_learn :]
        learning = [part for part in first if not isinstance(part, Reshape)] + [
            p for layer in rest for p in layer
        ]
        self._passes[rows] = forward, learning[::-1]
        return self._passes[rows]
