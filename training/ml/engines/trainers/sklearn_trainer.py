"""The trainer for scikit-learn: MLPClassifier, trained batch by batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import Any

import numpy as np
import sklearn
from numpy.typing import NDArray
from sklearn.neural_network import MLPClassifier

from training.ml.config.hyperparameters import Hyperparameters
from training.ml.config.layer_types import CLASSES, INPUTS
from training.ml.nn import Network
from training.ml.nn.arrays import Bytes, Floats
from training.ml.nn.losses import LOSSES

ACTIVATIONS = {"relu": "relu", "tanh": "tanh", "sigmoid": "logistic", "linear": "identity"}
# Optimizer -> the attributes, lists of arrays, in which the classifier's optimiser keeps its slots.
SLOTS = {"adam": ("ms", "vs"), "momentum": ("velocities",), "nesterov": ("velocities",), "sgd": ()}


class Classifier(MLPClassifier):
    """Keeps the probabilities of its last forward pass."""

    answers: Floats  # (rows, 10)

    def _forward_pass(self, activations: list[Floats]) -> list[Floats]:
        activations = super()._forward_pass(activations)
        self.answers = activations[-1]
        return activations


class SklearnTrainer:
    """Implements Trainer. The classifier trains views of the network's parameters in place.

    It uses private attributes: for schedules and for exact agreement with the other engines, the optimiser's learning
    rate and ε are set in each step.
    """

    device = ""

    def __init__(self, hyperparameters: Hyperparameters, network: Network) -> None:
        h = self.hyperparameters = hyperparameters
        self._network = network
        hidden = [layer for layer in network.layers[:-1] if layer["type"] == "dense"]
        self.classifier = Classifier(
            [layer["units"] for layer in hidden],
            activation=ACTIVATIONS[hidden[0]["activation"]] if hidden else "relu",
            solver="adam" if h.optimizer == "adam" else "sgd",
            batch_size=1,
            shuffle=False,
            momentum=0.0 if h.optimizer == "sgd" else h.momentum,
            nesterovs_momentum=h.optimizer == "nesterov",
            beta_1=h.beta_1,
            beta_2=h.beta_2,
        )
        # The first call makes the classifier's arrays; ours replace them.
        self.classifier.partial_fit(np.zeros((1, INPUTS), np.float32), [0], classes=range(CLASSES))
        tensors = network.tensors
        self.classifier.coefs_ = [tensors[name] for name in tensors if name.endswith(".weight")]
        self.classifier.intercepts_ = [tensors[name] for name in tensors if name.endswith(".bias")]
        self.optimizer = self.classifier._optimizer
        self._set_slots({name: np.zeros_like(network.parameters) for name in SLOTS[h.optimizer]})

    def train(self, images: Bytes, labels: Bytes, step: int, rates: Sequence[float]) -> tuple[float, int]:
        size, pixels = self.hyperparameters.batch_size, _scaled(images)  # (n, 784)
        answers = []
        for i, rate in enumerate(rates):
            batch = slice(i * size, (i + 1) * size)
            try:
                self._step(pixels[batch], labels[batch], step + i + 1, rate)
            except ValueError:  # "Solver produced non-finite parameter weights": no other is possible here
                return float("nan"), 0
            answers.append(self.classifier.answers)
        probabilities = np.concatenate(answers)  # (n, 10)
        logits = np.log(np.maximum(probabilities, np.finfo(np.float32).tiny))
        loss = LOSSES["cross_entropy"].values(logits, labels).sum()
        return float(loss), int(np.count_nonzero(probabilities.argmax(axis=1) == labels))

    def network(self) -> Network:
        return self._network

    def state(self) -> Mapping[str, NDArray[Any]]:
        slots = {
            name: np.concatenate([array.ravel() for array in getattr(self.optimizer, name)])
            for name in SLOTS[self.hyperparameters.optimizer]
        }
        return {"parameters": self._network.parameters, **slots}

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        np.copyto(self._network.parameters, state["parameters"])
        self._set_slots(state)

    def predict(self, images: Bytes) -> NDArray[np.float32]:
        """Probabilities (n, 10) for images (n, 784), computed by the classifier; Network.predict must agree."""
        probabilities: NDArray[np.float32] = self.classifier.predict_proba(_scaled(images))
        return probabilities

    def _step(self, x: Floats, labels: Bytes, number: int, rate: float) -> None:
        h, classifier, optimizer = self.hyperparameters, self.classifier, self.optimizer
        classifier.batch_size = len(x)
        classifier.alpha = h.l2 * len(x)  # scikit-learn divides alpha by the batch size
        optimizer.learning_rate = optimizer.learning_rate_init = rate
        if h.optimizer == "adam":
            optimizer.t = number - 1
            # scikit-learn adds ε to √v, not to the bias-corrected √v̂.
            optimizer.epsilon = h.epsilon * sqrt(1 - h.beta_2**number)
        with (
            sklearn.config_context(assume_finite=True, skip_parameter_validation=True),
            np.errstate(all="ignore"),
        ):
            classifier.partial_fit(x, labels)
        classifier.loss_curve_.clear()

    def _set_slots(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Set the optimiser's slots from flat arrays: all weights first, then all biases."""
        shapes = [array.shape for array in (*self.classifier.coefs_, *self.classifier.intercepts_)]
        stops = np.cumsum([np.prod(shape) for shape in shapes])
        for name in SLOTS[self.hyperparameters.optimizer]:
            pieces = np.split(arrays[name].copy(), stops[:-1])
            slots = [piece.reshape(shape) for piece, shape in zip(pieces, shapes, strict=True)]
            setattr(self.optimizer, name, slots)


def _scaled(images: Bytes) -> NDArray[np.float32]:
    return images.astype(np.float32) * np.float32(1 / 255)
