"""A network: its layers and its parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from training.ml.config.architecture import OUTPUT, InvalidArchitecture, Layer, trace
from training.ml.config.hyperparameters import Hyperparameters
from training.ml.config.layer_types import CLASSES, INPUTS, LayerSpec
from training.ml.nn.activations import softmax
from training.ml.nn.arrays import Floats
from training.ml.nn.assembly import Assembly
from training.ml.nn.initializers import INITIALIZERS
from training.ml.nn.passes import Pass

CHUNK = 1024  # images per chunk, at most
CHUNK_NUMBERS = 2**21  # numbers between layers per chunk, at most: they fit into a processor's cache


class InvalidNetwork(ValueError):
    """Raised when layers and tensors don't make a network; the message is for users."""


class Network:
    """Layers and their parameters: the common form in which engines train and all other code reads networks.

    `layers` is a list of JSON-able dicts, from the image to the output, as in training.ml.config.architecture; the last
    is always a dense softmax of ten units. Layer number i, from 0, owns the tensors "i.weight", "i.bias" and so on:

        dense                 weight (inputs, units), bias (units,)
        conv2d                weight (height, width, channels, filters), bias (filters,)
        batch_normalization   gamma, beta, and the running mean and variance, each (channels,)
        simple_rnn            weight (features, units), recurrent (units, units), bias (units,)
        gru                   as simple_rnn, with 3 · units columns: gates z, r, h; recurrent_bias (3 · units,)
        lstm                  as simple_rnn, with 4 · units columns: gates i, f, c, o

    Images come as 784 pixels, row by row, 0 = background to 1 = ink. All tensors are views of `parameters`, one
    flat array (parameter_count,), in the order of the layers: first all trained tensors, then all running statistics.
    It is float32, except for float64 in some tests. Several threads may predict at once.
    """

    def __init__(self, layers: Sequence[LayerSpec], parameters: Floats) -> None:
        """Wrap the array without a copy.

        Raises InvalidNetwork for invalid layers, or if the array's shape doesn't fit them.
        """
        self.placed = _traced(layers)
        self.layers: list[dict[str, Any]] = [layer.spec for layer in self.placed]
        self.parameters = parameters
        self.tensors: dict[str, Floats] = _views(parameters, _shapes(self.placed))

    @classmethod
    def initialized(cls, layers: Sequence[LayerSpec], initializer: str, seed: int) -> Network:
        """A new network with weights drawn by the named initialiser (see INITIALIZERS) and biases of zero.

        As in Keras, recurrent weights start orthogonal (for "zeros", at zero), an LSTM's forget gate has the bias 1,
        and batch normalisation starts as the identity. Raises InvalidNetwork for invalid layers.
        """
        network = cls(layers, np.zeros(_total(tensor_shapes(layers)), np.float32))
        generator = np.random.default_rng([seed, 0])
        for name, tensor in network.tensors.items():
            position, _, role = name.partition(".")
            if role == "recurrent" and initializer != "zeros":
                tensor[...] = INITIALIZERS["orthogonal"](generator, tensor.shape)
            elif tensor.ndim > 1:
                tensor[...] = INITIALIZERS[initializer](generator, tensor.shape)
            elif role in {"gamma", "variance"}:
                tensor[...] = 1
            elif network.layers[int(position)]["type"] == "lstm":
                tensor[len(tensor) // 4 : len(tensor) // 2] = 1
        return network

    @classmethod
    def for_hyperparameters(cls, hyperparameters: Hyperparameters) -> Network:
        """The untrained network that the hyperparameters describe; raises InvalidNetwork for invalid layers."""
        return cls.initialized(
            hyperparameters.architecture, hyperparameters.initializer, hyperparameters.seed
        )

    @property
    def parameter_count(self) -> int:
        """Weights, biases and statistics together."""
        return len(self.parameters)

    @property
    def trained_count(self) -> int:
        """The number of trained parameters; they come first, running statistics follow."""
        statistics = (layer.tensors[name] for layer in self.placed for name in layer.type.statistics)
        return len(self.parameters) - sum(map(prod, statistics))

    def copy(self) -> Network:
        """The same network with its own copy of the parameters."""
        return Network(self.layers, self.parameters.copy())

    def predict(self, images: ArrayLike) -> NDArray[np.float32]:
        """Probabilities (n, 10) of the digits for n images.

        Images are (n, 28, 28) or (n, 784): uint8, which are scaled by 1/255, or floats in 0..1. They become
        float32 chunk by chunk, so a whole dataset may be passed. Raises ValueError for another shape or type.
        """
        probabilities = np.empty((len(np.atleast_1d(images)), CLASSES), np.float32)
        for start, logits in self.logits(images):
            probabilities[start : start + len(logits)] = softmax(logits)
        return probabilities

    def logits(self, images: ArrayLike) -> Iterator[tuple[int, Floats]]:
        """The last layer's z, before the softmax, in chunks: (index of the first image, z (chunk, 10)).

        Each z is a buffer that the next chunk overwrites. Images and errors are those of `predict`.
        """
        pixels = _flat(images)
        numbers = max(sum(prod(layer.gives) for layer in self.placed), 1)
        size = max(1, min(CHUNK, CHUNK_NUMBERS // numbers))
        assembly = Assembly(self.placed, self.tensors)
        passes: list[Pass] = []
        rows = 0
        for start in range(0, len(pixels), size):
            x = self._scaled(pixels[start : start + size])  # (rows, 784)
            if len(x) != rows:
                rows, passes = len(x), [part for layer in assembly.passes(len(x)) for part in layer]
            with np.errstate(all="ignore"):  # if a network diverges, its loss shows it
                for part in passes:
                    x = part.forward(x)
            yield start, x

    def activations(self, image: ArrayLike) -> list[NDArray[np.float32]]:
        """The output of each layer, in the layer's shape, for one image (28, 28) or (784,); the last are probabilities.

        Raises ValueError for another shape or type.
        """
        x = self._scaled(_flat(np.asarray(image)[None]))
        outputs = []
        with np.errstate(all="ignore"):
            for layer, passes in zip(
                self.placed, Assembly(self.placed, self.tensors).passes(1, fused=False), strict=True
            ):
                for part in passes:
                    x = part.forward(x)
                outputs.append(x[0].reshape(layer.gives).astype(np.float32))
        return [*outputs[:-1], softmax(outputs[-1][None])[0]]

    def _scaled(self, pixels: NDArray[Any]) -> Floats:
        scaled = pixels.astype(self.parameters.dtype)  # (n, 784)
        if pixels.dtype == np.uint8:
            scaled *= 1 / 255
        return scaled


def tensor_shapes(layers: Sequence[LayerSpec]) -> dict[str, tuple[int, ...]]:
    """Name -> shape of every tensor, in the order of `parameters`; raises InvalidNetwork for invalid layers."""
    return _shapes(_traced(layers))


def _traced(layers: Sequence[LayerSpec]) -> list[Layer]:
    if not layers:
        raise InvalidNetwork("A network needs at least one layer.")
    try:
        placed = trace(layers)
    except InvalidArchitecture as error:
        raise InvalidNetwork(str(error)) from error
    if placed[-1].spec != OUTPUT:
        raise InvalidNetwork(
            f"The last layer must be a dense softmax of {CLASSES} units, not {placed[-1].spec}."
        )
    return placed


def _shapes(placed: Sequence[Layer]) -> dict[str, tuple[int, ...]]:
    trained: dict[str, tuple[int, ...]] = {}
    measured: dict[str, tuple[int, ...]] = {}
    for layer in placed:
        for name, shape in layer.tensors.items():
            (measured if name in layer.type.statistics else trained)[f"{layer.position}.{name}"] = shape
    return trained | measured


def _total(shapes: Mapping[str, tuple[int, ...]]) -> int:
    return sum(map(prod, shapes.values()))


def _views(parameters: Floats, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Floats]:
    if parameters.shape != (_total(shapes),):
        raise InvalidNetwork(
            f"These layers have {_total(shapes):,} parameters, but the array's shape is {parameters.shape}."
        )
    views, start = {}, 0
    for name, shape in shapes.items():
        stop = start + prod(shape)
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
