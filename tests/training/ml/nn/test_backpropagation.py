"""The gradient of the whole cost, against finite differences in float64 and against scikit-learn."""

import itertools

import numpy as np
import pytest
from sklearn.neural_network import MLPClassifier

from training.ml.config.choices import LOSSES
from training.ml.config.hyperparameters import Hyperparameters
from training.ml.config.layer_types import ACTIVATIONS
from training.ml.config.templates import dense
from training.ml.nn import Network
from training.ml.nn.backpropagation import Backpropagation
from training.ml.nn.losses import LOSSES as FUNCTIONS
from training.ml.nn.optimizers import OPTIMIZERS

ROWS = 6
STEP = 1e-5


class Cost:
    """The cost of one small batch and its gradient, in float64, with dropout's mask held fixed."""

    def __init__(self, hyperparameters: Hyperparameters) -> None:
        random = np.random.default_rng(0)
        network = Network.for_hyperparameters(hyperparameters)
        self.network = Network(network.layers, network.parameters.astype(np.float64))
        for name, tensor in self.network.tensors.items():
            if name.endswith("bias"):
                tensor[:] = random.normal(size=tensor.shape) * 0.1
        self.hyperparameters = hyperparameters
        self.backpropagation = Backpropagation(self.network, hyperparameters)
        self.x = random.random((ROWS, 784))
        self.labels = random.integers(0, 10, ROWS).astype(np.uint8)
        self.logits = np.empty((ROWS, 10))

    def value(self) -> float:
        self.backpropagation.reseed([1])
        self.backpropagation.run(self.x, np.eye(10)[self.labels], self.logits)
        losses = FUNCTIONS[self.hyperparameters.loss].values(self.logits, self.labels)
        weights = [tensor for name, tensor in self.network.tensors.items() if name.endswith("weight")]
        return float(losses.mean() + self.hyperparameters.l2 / 2 * sum((w**2).sum() for w in weights))

    def gradient(self) -> np.ndarray:
        self.value()
        return self.backpropagation.gradients.copy()

    def slope(self, index: int) -> float:
        parameters = self.network.parameters
        here = parameters[index]
        values = []
        for shift in (STEP, -STEP):
            parameters[index] = here + shift
            values.append(self.value())
        parameters[index] = here
        return (values[0] - values[1]) / (2 * STEP)


@pytest.mark.parametrize(
    ("activation", "loss", "dropout", "l2"),
    list(itertools.product(ACTIVATIONS, LOSSES, (0.0, 0.3), (0.0, 0.1))),
)
def test_gradients_agree_with_finite_differences(
    activation: str, loss: str, dropout: float, l2: float
) -> None:
    # given
    cost = Cost(
        Hyperparameters(
            layers=dense(5, 4, activation=activation, dropout=dropout),
            initializer="glorot_normal",
            loss=loss,
            l2=l2,
        )
    )
    first_layer = 784 * 5
    some = np.random.default_rng(1).choice(first_layer, 20, replace=False)
    indices = [*some, *range(first_layer, cost.network.parameter_count)]

    # when
    gradient = cost.gradient()

    # then
    np.testing.assert_allclose(gradient[indices], [cost.slope(i) for i in indices], rtol=1e-6, atol=1e-9)


def test_softmax_regression_has_a_gradient_too() -> None:
    cost = Cost(Hyperparameters(layers=dense()))
    indices = [0, 4000, 7839, 7840, 7849]
    slopes = [cost.slope(i) for i in indices]
    np.testing.assert_allclose(cost.gradient()[indices], slopes, rtol=1e-6, atol=1e-9)


def test_float32_gradients_agree_with_float64_to_single_precision() -> None:
    cost = Cost(Hyperparameters())
    exact = cost.gradient()
    network = Network(cost.network.layers, cost.network.parameters.astype(np.float32))
    single = Backpropagation(network, cost.hyperparameters)

    single.run(
        cost.x.astype(np.float32), np.eye(10, dtype=np.float32)[cost.labels], np.empty((ROWS, 10), np.float32)
    )

    assert single.gradients.dtype == np.float32
    np.testing.assert_allclose(single.gradients, exact, rtol=1e-3, atol=1e-6)


def test_the_way_forward_is_the_one_of_prediction() -> None:
    cost = Cost(Hyperparameters(layers=dense(128, 64, activation="gelu")))
    cost.value()
    _, logits = next(iter(cost.network.logits(cost.x)))
    np.testing.assert_allclose(cost.logits, logits, rtol=1e-12)


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_a_training_follows_scikit_learn_step_by_step(activation: str) -> None:
    # given
    h = Hyperparameters(layers=dense(12, 7, activation=activation), learning_rate=0.1)
    cost = Cost(h)
    cost.x, cost.labels = np.random.default_rng(3).random((10, 784)), np.arange(10, dtype=np.uint8)
    tensors, logits = cost.network.tensors, np.empty((10, 10))
    peer = MLPClassifier(
        (12, 7),
        activation=activation,
        solver="sgd",
        momentum=0,
        learning_rate_init=0.1,
        alpha=0,
        batch_size=10,
    )
    peer.partial_fit(cost.x, cost.labels, classes=range(10))
    for i in range(3):
        tensors[f"{i}.weight"][:] = peer.coefs_[i]
        tensors[f"{i}.bias"][:] = peer.intercepts_[i]

    # when
    optimizer = OPTIMIZERS["sgd"](cost.network.parameters, cost.backpropagation.gradients, h)
    for number in range(1, 6):
        cost.backpropagation.run(cost.x, np.eye(10), logits)
        optimizer.step(number, h.learning_rate)
        peer.partial_fit(cost.x, cost.labels)

    # then
    for i in range(3):
        np.testing.assert_allclose(tensors[f"{i}.weight"], peer.coefs_[i], rtol=0, atol=1e-10)
        np.testing.assert_allclose(tensors[f"{i}.bias"], peer.intercepts_[i], rtol=0, atol=1e-10)
