"""A network's form, and what it answers."""

from typing import Any

import numpy as np
import pytest

from training.ml.config.hyperparameters import Hyperparameters
from training.ml.config.layer_types import ACTIVATIONS
from training.ml.config.templates import dense as dense_layers
from training.ml.nn import InvalidNetwork, Network, network

IMAGES = np.random.default_rng(0).integers(0, 256, (50, 28, 28)).astype(np.uint8)
SOFTMAX = {"type": "dense", "units": 10, "activation": "softmax"}


def dense(units: Any, activation: Any = "relu") -> dict[str, Any]:
    return {"type": "dense", "units": units, "activation": activation}


@pytest.fixture
def small() -> Network:
    made = Network.for_hyperparameters(Hyperparameters(layers=dense_layers(7, 5, activation="tanh")))
    for name in ("0.bias", "1.bias", "2.bias"):
        made.tensors[name][:] = np.random.default_rng(1).normal(size=made.tensors[name].shape)
    return made


def test_the_architecture_is_a_list_of_layers() -> None:
    hyperparameters = Hyperparameters(layers=dense_layers(128, 64, activation="elu"))
    made = Network.for_hyperparameters(hyperparameters)
    assert made.layers == [dense(128, "elu"), dense(64, "elu"), SOFTMAX]


def test_tensors_are_views_of_one_flat_array_in_order(small: Network) -> None:
    assert {name: tensor.shape for name, tensor in small.tensors.items()} == {
        "0.weight": (784, 7),
        "0.bias": (7,),
        "1.weight": (7, 5),
        "1.bias": (5,),
        "2.weight": (5, 10),
        "2.bias": (10,),
    }
    assert list(small.tensors) == sorted(small.tensors, key=lambda name: (name[0], name[2:] == "bias"))
    assert small.parameter_count == 784 * 7 + 7 + 7 * 5 + 5 + 5 * 10 + 10
    np.testing.assert_array_equal(
        np.concatenate([t.ravel() for t in small.tensors.values()]), small.parameters
    )
    assert all(np.shares_memory(tensor, small.parameters) for tensor in small.tensors.values())


def test_biases_start_at_zero_and_weights_by_the_seed() -> None:
    one, same, other = (Network.for_hyperparameters(Hyperparameters(seed=seed)) for seed in (4, 4, 5))
    np.testing.assert_array_equal(one.parameters, same.parameters)
    assert not np.array_equal(one.parameters, other.parameters)
    assert not one.tensors["0.bias"].any()
    assert one.parameters.dtype == np.float32


def test_a_prediction_is_the_formula_layer_by_layer(small: Network) -> None:
    t = small.tensors
    x = IMAGES.reshape(50, 784) / 255
    for i in (0, 1):
        x = np.tanh(x @ t[f"{i}.weight"] + t[f"{i}.bias"])
    z = np.exp(x @ t["2.weight"] + t["2.bias"])

    probabilities = small.predict(IMAGES)

    np.testing.assert_allclose(probabilities, z / z.sum(axis=1, keepdims=True), atol=1e-5)
    assert probabilities.dtype == np.float32


@pytest.mark.parametrize(
    "images",
    [
        IMAGES,
        IMAGES.reshape(50, 784),
        (IMAGES / 255).astype(np.float32),
        (IMAGES / 255).reshape(50, 784),
    ],
)
def test_pixels_may_be_bytes_or_floats_flat_or_square(small: Network, images: np.ndarray) -> None:
    np.testing.assert_allclose(small.predict(images), small.predict(IMAGES), atol=1e-6)


def test_chunks_change_nothing(small: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = small.predict(IMAGES)
    monkeypatch.setattr(network, "CHUNK", 8)
    np.testing.assert_allclose(small.predict(IMAGES), whole, atol=1e-6)


def test_no_image_gives_no_prediction(small: Network) -> None:
    assert small.predict(IMAGES[:0]).shape == (0, 10)


@pytest.mark.parametrize("shape", [(28, 28), (5, 28, 27), (784,), (2, 1, 28, 28), ()])
def test_other_shapes_are_refused(small: Network, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"Images must have the shape \(n, 28, 28\) or \(n, 784\), not"):
        small.predict(np.zeros(shape, np.uint8))


def test_other_types_are_refused(small: Network) -> None:
    with pytest.raises(ValueError, match="Pixels must be uint8 or floats, not int64"):
        small.predict(IMAGES.astype(np.int64))


@pytest.mark.parametrize("image", [IMAGES[3], IMAGES[3].ravel(), (IMAGES[3] / 255).astype(np.float32)])
def test_activations_are_those_of_every_layer(small: Network, image: np.ndarray) -> None:
    first, second, probabilities = small.activations(image)

    t = small.tensors
    expected = np.tanh(IMAGES[3].ravel() / 255 @ t["0.weight"] + t["0.bias"])
    np.testing.assert_allclose(first, expected, atol=1e-5)
    assert second.shape == (5,)
    np.testing.assert_allclose(probabilities, small.predict(IMAGES[3:4])[0], atol=1e-6)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_predicts(activation: str) -> None:
    made = Network.for_hyperparameters(Hyperparameters(layers=dense_layers(8, activation=activation)))
    np.testing.assert_allclose(made.predict(IMAGES).sum(axis=1), 1, rtol=1e-5)


def test_a_copy_has_parameters_of_its_own(small: Network) -> None:
    other = small.copy()
    other.parameters[:] = 0
    assert small.parameters.any()
    assert not other.tensors["0.weight"].any()


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ([], "at least one layer"),
        ([dense(4)] * 25 + [SOFTMAX], "Layer 25: At most 24 layers; these are 25."),
        (
            [dense(4096)] * 2 + [SOFTMAX],
            "Layer 3: At most 20,000,000 weights and biases; with this layer there are",
        ),
        ([{"type": "conv3d"}, SOFTMAX], "Layer 1: There is no layer of the type 'conv3d'."),
        ([{"type": ["dense"]}, SOFTMAX], "Layer 1: There is no layer of the type ['dense']."),
        (["dense", SOFTMAX], "Must be a list of layers, not ['dense', {"),
        ([dense(0), SOFTMAX], "Layer 1: Neurons: Must be at least 1 and at most 4,096, not 0."),
        ([dense("9"), SOFTMAX], "Layer 1: Neurons: Must be a whole number, not '9'."),
        ([dense(4, "swish"), SOFTMAX], "Layer 1: Activation: Must be one of relu, "),
        ([dense(4, ["relu"]), SOFTMAX], "Layer 1: Activation: Must be one of relu, "),
        ([dense(True), SOFTMAX], "Layer 1: Neurons: Must be a whole number, not True."),
        ([{"type": "flatten", "units": 3}, SOFTMAX], "Layer 1: It has no field 'units'."),
        ([dense(10)], "The last layer must be a dense softmax of 10 units, not"),
        ([dense(12, "softmax")], "The last layer must be a dense softmax of 10 units, not"),
    ],
)
def test_impossible_layers_are_refused(layers: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(InvalidNetwork) as caught:
        Network.initialized(layers, "he_normal", 0)
    assert message in str(caught.value)


def test_an_array_of_another_size_is_refused() -> None:
    with pytest.raises(InvalidNetwork, match=r"have 7,850 parameters, but the array's shape is \(9,\)"):
        Network([SOFTMAX], np.zeros(9, np.float32))
