"""The types of layers: their fields, output shapes, tensors and operations."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod
from reprlib import repr as shortened
from typing import Any, NamedTuple

from digits.datasets.dataset import SIDE
from training.ml.config.limits import Limit, choice_problem, number_problem

INPUTS = SIDE * SIDE
CLASSES = 10
IMAGE = (SIDE, SIDE, 1)

LayerSpec = Mapping[str, Any]
Shape = tuple[int, ...]


# name -> label. The registry of functions in training.ml.nn has the same keys.
ACTIVATIONS = {
    "relu": "ReLU",
    "leaky_relu": "Leaky ReLU",
    "elu": "ELU",
    "gelu": "GELU",
    "tanh": "tanh",
    "sigmoid": "Sigmoid",
    "linear": "Linear",
    "softmax": "Softmax",
}


class Misfit(ValueError):
    """Raised when a layer can't read its input shape; the message, for people, says why and often what to do."""


class Field(NamedTuple):
    """A field of a layer: with `choices` (name -> label) a name, with `limit` a number, with neither a bool.

    A number must be whole if its default is an int.
    """

    label: str
    default: Any
    limit: Limit | None = None
    choices: Mapping[str, str] | None = None

    def problem(self, value: Any) -> str:
        """A message for people if `value` is invalid; else empty."""
        if self.choices is not None:
            return choice_problem(value, self.choices)
        if self.limit is None:
            return "" if isinstance(value, bool) else f"Must be true or false, not {shortened(value)}."
        return number_problem(value, self.limit, isinstance(self.default, int))


@dataclass(frozen=True)
class LayerType:
    """A type of layer. Its functions take a layer's fields and its input shape."""

    label: str
    help: str
    fields: Mapping[str, Field]
    # The output shape; raises Misfit.
    output: Callable[[LayerSpec, Shape], Shape]
    # Tensor name -> shape.
    tensors: Callable[[LayerSpec, Shape], dict[str, Shape]] = lambda _spec, _shape: {}
    # The tensors that are measured, not trained.
    statistics: frozenset[str] = frozenset()
    # Multiplications per image in the forward pass.
    operations: Callable[[LayerSpec, Shape], int] = lambda _spec, _shape: 0


def _flat(shape: Shape, reader: str) -> int:
    if shape == IMAGE:
        return INPUTS  # an image of the dataset needs no Flatten: it is stored as a row of pixels
    if len(shape) != 1:
        raise Misfit(f"{reader} reads one flat row, but {written(shape)} comes in: put Flatten before it.")
    return shape[0]


def _map(shape: Shape, reader: str) -> tuple[int, int, int]:
    if len(shape) != 3:
        raise Misfit(
            f"{reader} reads an image, but {written(shape)} comes in: put it before the layers that flatten."
        )
    return shape[0], shape[1], shape[2]


def _sequence(shape: Shape, reader: str) -> tuple[int, int]:
    if len(shape) == 1:
        raise Misfit(
            f"{reader} reads row by row, but {written(shape)} comes in: it goes first, or behind a layer that "
            "gives an image or every step."
        )
    return shape[0], prod(shape[1:])


def _dense_output(spec: LayerSpec, shape: Shape) -> Shape:
    _flat(shape, "Dense")
    return (spec["units"],)


def _dense_tensors(spec: LayerSpec, shape: Shape) -> dict[str, Shape]:
    return {"weight": (_flat(shape, "Dense"), spec["units"]), "bias": (spec["units"],)}


def _conv2d_output(spec: LayerSpec, shape: Shape) -> Shape:
    height, width, _ = _map(shape, "Convolution")
    size, stride = spec["kernel_size"], spec["strides"]
    if spec["padding"] == "same":
        return (-(-height // stride), -(-width // stride), spec["filters"])
    if min(height, width) < size:
        raise Misfit(f"A {size}×{size} filter doesn't fit into the {height}×{width} that comes in.")
    return ((height - size) // stride + 1, (width - size) // stride + 1, spec["filters"])


def _conv2d_tensors(spec: LayerSpec, shape: Shape) -> dict[str, Shape]:
    size, filters = spec["kernel_size"], spec["filters"]
    return {"weight": (size, size, shape[2], filters), "bias": (filters,)}


def _conv2d_operations(spec: LayerSpec, shape: Shape) -> int:
    height, width, filters = _conv2d_output(spec, shape)
    return height * width * filters * shape[2] * int(spec["kernel_size"]) ** 2


def _pooling_output(spec: LayerSpec, shape: Shape) -> Shape:
    height, width, channels = _map(shape, "Pooling")
    size = spec["pool_size"]
    if min(height, width) < size:
        raise Misfit(f"A {size}×{size} pool doesn't fit into the {height}×{width} that comes in.")
    return height // size, width // size, channels


def _recurrent_output(spec: LayerSpec, shape: Shape) -> Shape:
    steps, _ = _sequence(shape, LAYER_TYPES[spec["type"]].label)
    return (steps, spec["units"]) if spec["return_sequences"] else (spec["units"],)


def _recurrent(gates: int, *more: str) -> dict[str, Any]:
    """The functions of LayerType for a recurrent layer; `gates` counts sums per unit, `more` names further biases."""

    def tensors(spec: LayerSpec, shape: Shape) -> dict[str, Shape]:
        _, features = _sequence(shape, "A recurrent layer")
        units = spec["units"]
        biases = dict.fromkeys(("bias", *more), (gates * units,))
        return {"weight": (features, gates * units), "recurrent": (units, gates * units), **biases}

    def operations(spec: LayerSpec, shape: Shape) -> int:
        steps, features = _sequence(shape, "A recurrent layer")
        return int(steps * gates * spec["units"] * (features + spec["units"]))

    return {"output": _recurrent_output, "tensors": tensors, "operations": operations}


GATES = {"simple_rnn": 1, "gru": 3, "lstm": 4}  # type of recurrent layer -> weighted sums per unit
_UNITS = Field("Neurons", 64, Limit(1, 4096))
_ACTIVATION = Field("Activation", "relu", choices=ACTIVATIONS)
_POOL = {"pool_size": Field("Size", 2, Limit(2, 14))}
_RECURRENT = {
    "units": Field("Neurons", 64, Limit(1, 1024)),
    "return_sequences": Field("Give every step", False),
}


LAYER_TYPES: dict[str, LayerType] = {
    "dense": LayerType(
        "Dense",
        "Each neuron reads everything that comes in. Both curves stay high → more neurons; only the training curve "
        "is good → fewer.",
        {"units": _UNITS, "activation": _ACTIVATION},
        _dense_output,
        _dense_tensors,
        operations=lambda spec, shape: prod(shape) * int(spec["units"]),
    ),
    "conv2d": LayerType(
        "Convolution",
        "Small filters that look at every place of the image alike. The strongest start of a network that reads "
        "digits.",
        {
            "filters": Field("Filters", 32, Limit(1, 512)),
            "kernel_size": Field("Size", 3, Limit(1, 11)),
            "strides": Field("Stride", 1, Limit(1, 4)),
            "padding": Field("Edges", "valid", choices={"valid": "Shrink", "same": "Keep size"}),
            "activation": _ACTIVATION,
        },
        _conv2d_output,
        _conv2d_tensors,
        operations=_conv2d_operations,
    ),
    "max_pooling": LayerType(
        "Max pooling",
        "Keeps the strongest of each square: smaller maps, and small shifts don't matter any more.",
        _POOL,
        _pooling_output,
    ),
    "average_pooling": LayerType(
        "Average pooling",
        "Keeps the mean of each square: smaller and smoother maps.",
        _POOL,
        _pooling_output,
    ),
    "flatten": LayerType(
        "Flatten",
        "Lays a map out as one row of numbers, which dense layers read.",
        {},
        lambda _spec, shape: (prod(shape),),
    ),
    "dropout": LayerType(
        "Dropout",
        "Silences this share of what comes in, anew in each step. The validation loss rises while the training loss "
        "falls → try 0.2.",
        {"rate": Field("Share", 0.5, Limit(0, 0.95, excludes_maximum=True))},
        lambda _spec, shape: shape,
    ),
    "batch_normalization": LayerType(
        "Batch normalisation",
        "Brings what comes in to mean 0 and spread 1 over the batch, then scales it as it learns to: deep networks "
        "learn faster, with higher learning rates.",
        {},
        lambda _spec, shape: shape,
        lambda _spec, shape: dict.fromkeys(("gamma", "beta", "mean", "variance"), shape[-1:]),
        frozenset({"mean", "variance"}),
        lambda _spec, shape: 2 * prod(shape),
    ),
    "activation": LayerType(
        "Activation",
        "Bends what comes in; for use behind a linear layer and batch normalisation.",
        {"activation": _ACTIVATION},
        lambda _spec, shape: shape,
    ),
    "simple_rnn": LayerType(
        "Simple RNN",
        "Reads the image row by row and remembers, in the simplest way.",
        {**_RECURRENT, "activation": Field("Activation", "tanh", choices=ACTIVATIONS)},
        **_recurrent(GATES["simple_rnn"]),
    ),
    "gru": LayerType(
        "GRU",
        "Reads the image row by row; gates decide what it keeps in mind and what it forgets.",
        _RECURRENT,
        **_recurrent(GATES["gru"], "recurrent_bias"),
    ),
    "lstm": LayerType(
        "LSTM",
        "Reads the image row by row, with a memory of its own beside what it gives: the longest memory.",
        _RECURRENT,
        **_recurrent(GATES["lstm"]),
    ),
}


def written(shape: Shape) -> str:
    """The shape in words for people: "26×26×32", "28 steps of 64" or "a row of 128"."""
    if len(shape) == 3:
        return "×".join(map(str, shape))
    return f"{shape[0]} steps of {shape[1]}" if len(shape) == 2 else f"a row of {shape[0]:,}"
