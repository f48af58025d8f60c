"""A network: what its layers are, and the numbers in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from reprlib import repr as shortened
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from training.hyperparameters import CLASSES, INPUTS, LIMITS, Hyperparameters
from training.nn.activations import ACTIVATIONS, softmax
from training.nn.arrays import Floats
from training.nn.initializers import INITIALIZERS

CHUNK = 1024  # images that are float32 at one time
LayerSpec = Mapping[str, Any]


class InvalidNetwork(ValueError):
    """Raised when a list of layers and its tensors don't make a network; the message is for people."""


class Network:
    """Layers and their parameters, in the one form that every engine trains into and every reader reads.

    `layers` is a list of JSON-able dicts, from the image to the answer:

        {"type": "dense", "units": 128, "activation": "relu"}    any name in ACTIVATIONS
        {"type": "dense", "units": 10, "activation": "softmax"}  the last layer, always

    Layer number i, from 0, owns the tensors "i.weight" (inputs, units) and "i.bias" (units,); the inputs of
    layer 0 are the image's 784 pixels, row by row, 0 = background to 1 = ink. It computes

        z = x · weight + bias        a = activation(z)

    All tensors are views of `parameters`, one flat array (parameter_count,), in the order 0.weight, 0.bias,
    1.weight, … It is float32, except where a test wants float64. Any number of threads may predict at once.
    """

    def __init__(self, layers: Sequence[LayerSpec], parameters: Floats) -> None:
        """Wraps the array without a copy; raises InvalidNetwork if layers and array don't fit."""
        self.layers: list[dict[str, Any]] = [dict(layer) for layer in layers]
        self.parameters = parameters
        self.tensors: dict[str, Floats] = _views(parameters, tensor_shapes(self.layers))
        self._dense = [
            (self.tensors[f"{i}.weight"], self.tensors[f"{i}.bias"], layer["activation"])
            for i, layer in enumerate(self.layers)
        ]

    @classmethod
    def initialized(cls, layers: Sequence[LayerSpec], initializer: str, seed: int) -> Network:
        """A new network with weights drawn by the named initialiser (see INITIALIZERS) and biases of zero."""
        shapes = tensor_shapes(layers)
        network = cls(layers, np.zeros(_total(shapes), np.float32))
        generator = np.random.default_rng([seed, 0])
        for tensor in network.tensors.values():
            if tensor.ndim > 1:
                tensor[...] = INITIALIZERS[initializer](generator, (tensor.shape[0], tensor.shape[1]))
        return network

    @classmethod
    def for_hyperparameters(cls, hyperparameters: Hyperparameters) -> Network:
        """The untrained network that the hyperparameters describe."""
        return cls.initialized(
            dense_architecture(hyperparameters), hyperparameters.initializer, hyperparameters.seed
        )

    @property
    def parameter_count(self) -> int:
        """Weights and biases together."""
        return len(self.parameters)

    def copy(self) -> Network:
        """A network with parameters of its own."""
        return Network(self.layers, self.parameters.copy())

    def predict(self, images: ArrayLike) -> NDArray[np.float32]:
        """Probabilities (n, 10) of the digits for n images.

        Images are (n, 28, 28) or (n, 784): uint8, which are scaled by 1/255, or floats in 0..1. They become
        float32 in chunks, so a whole dataset may be passed. Raises ValueError for any other shape or type.
        """
        probabilities = np.empty((len(np.atleast_1d(images)), CLASSES), np.float32)
        for start, logits in self.logits(images):
            probabilities[start : start + len(logits)] = softmax(logits)
        return probabilities

    def logits(self, images: ArrayLike) -> Iterator[tuple[int, Floats]]:
        """The last layer's z, before the softmax, in chunks: (index of the first image, z (chunk, 10))."""
        pixels = _flat(images)
        for start in range(0, len(pixels), CHUNK):
            yield start, self._forward(self._scaled(pixels[start : start + CHUNK]))[-1]

    def activations(self, image: ArrayLike) -> list[NDArray[np.float32]]:
        """What each layer answers to an image, (28, 28) or (784,): arrays (units,), probabilities last."""
        *hidden, logits = self._forward(self._scaled(_flat(np.asarray(image)[None])))
        return [a[0].astype(np.float32) for a in (*hidden, softmax(logits))]

    def _scaled(self, pixels: NDArray[Any]) -> Floats:
        scaled = pixels.astype(self.parameters.dtype)  # (n, 784)
        if pixels.dtype == np.uint8:
            scaled *= 1 / 255
        return scaled

    def _forward(self, x: Floats) -> list[Floats]:
        # Every layer's a (n, units); the last one's z.
        outputs = []
        with np.errstate(all="ignore"):  # a network on its way to infinity is judged by its loss
            for weight, bias, activation in self._dense:
                z = x @ weight  # (n, units)
                z += bias
                if activation != "softmax":
                    x = np.empty_like(z)
                    ACTIVATIONS[activation].forward(z, x)
                    outputs.append(x)
        return [*outputs, z]


def dense_architecture(hyperparameters: Hyperparameters) -> list[dict[str, Any]]:
    """The list of layers that the hyperparameters describe."""
    hidden = [
        {"type": "dense", "units": size, "activation": hyperparameters.activation}
        for size in hyperparameters.hidden_layer_sizes
    ]
    return [*hidden, {"type": "dense", "units": CLASSES, "activation": "softmax"}]


def tensor_shapes(layers: Sequence[LayerSpec]) -> dict[str, tuple[int, ...]]:
    """The name and shape of every tensor, in their order; raises InvalidNetwork for layers that can't be."""
    if not layers:
        raise InvalidNetwork("A network needs at least one layer.")
    if len(layers) > LIMITS["hidden_layers"].maximum + 1:
        raise InvalidNetwork(
            f"At most {LIMITS['hidden_layers'].maximum + 1} layers; this network has {len(layers)}."
        )
    shapes: dict[str, tuple[int, ...]] = {}
    inputs = INPUTS
    for position, layer in enumerate(layers):
        units = _checked_units(position, layer, last=position == len(layers) - 1)
        shapes[f"{position}.weight"] = (inputs, units)
        shapes[f"{position}.bias"] = (units,)
        inputs = units
    if _total(shapes) > LIMITS["parameters"].maximum:
        raise InvalidNetwork(
            f"At most {LIMITS['parameters'].maximum:,} parameters; this network has {_total(shapes):,}."
        )
    return shapes


def _checked_units(position: int, layer: LayerSpec, last: bool) -> int:
    if layer.get("type") != "dense":
        raise InvalidNetwork(f"Layer {position} has the unknown type {shortened(layer.get('type'))}.")
    units, activation = layer.get("units"), layer.get("activation")
    if type(units) is not int or units not in LIMITS["hidden_layer_sizes"]:
        raise InvalidNetwork(f"Layer {position} must have 1 to 4096 units, not {shortened(units)}.")
    if last and (units, activation) != (CLASSES, "softmax"):
        raise InvalidNetwork(
            f"The last layer must be a softmax of {CLASSES} units, not {shortened(activation)} of {units}."
        )
    if not last and activation not in list(ACTIVATIONS):
        raise InvalidNetwork(f"Layer {position} has the unknown activation {shortened(activation)}.")
    return units


def _total(shapes: Mapping[str, tuple[int, ...]]) -> int:
    return sum(int(np.prod(shape)) for shape in shapes.values())


def _views(parameters: Floats, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Floats]:
    if parameters.shape != (_total(shapes),):
        raise InvalidNetwork(
            f"These layers have {_total(shapes):,} parameters, but the array's shape is {parameters.shape}."
        )
    views, start = {}, 0
    for name, shape in shapes.items():
        stop = start + int(np.prod(shape))
        views[name] = parameters[start:stop].reshape(shape)
        start = stop
    return views


def _flat(images: ArrayLike) -> NDArray[Any]:
    array = np.asarray(images)
    if array.shape[1:] not in ((28, 28), (INPUTS,)):
        raise ValueError(f"Images must have the shape (n, 28, 28) or (n, 784), not {array.shape}.")
    if array.dtype != np.uint8 and array.dtype.kind != "f":
        raise ValueError(f"Pixels must be uint8 or floats, not {array.dtype}.")
    return array.reshape(len(array), INPUTS)  # (n, 784), a view
