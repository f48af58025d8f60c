"""What a network is made of: the types of layers, the fields of each, and what follows from a list of them.

A layer is a JSON-able dict spelt as in Keras, such as {"type": "dense", "units": 128, "activation": "relu"}. Shapes
are of one image, channels last: (28, 28, 1) an image, (h, w, c) a map of features, (steps, features) a sequence,
(units,) a flat row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from reprlib import repr as shortened
from typing import Any, NamedTuple

from training.limits import Limit, choice_problem, number_problem

SIDE = 28  # of an image, in pixels
INPUTS = SIDE * SIDE
CLASSES = 10
IMAGE = (SIDE, SIDE, 1)

LayerSpec = Mapping[str, Any]
Shape = tuple[int, ...]

# name -> label. The registry of functions in training.nn has the same keys.
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
OUTPUT: LayerSpec = {"type": "dense", "units": CLASSES, "activation": "softmax"}
MOST_LAYERS = Limit(0, 24)  # besides the output
MOST_PARAMETERS = Limit(1, 20_000_000)
MOST_OPERATIONS = Limit(1, 200_000_000)
MOST_NUMBERS = Limit(1, 1_000_000)


class InvalidArchitecture(ValueError):
    """Raised when layers can't be; `problems` maps a layer's position, from 0, to a message for people."""

    def __init__(self, problems: Mapping[int, str]) -> None:
        self.problems = dict(problems)
        super().__init__(" ".join(f"Layer {i + 1}: {message}" for i, message in self.problems.items()))


class Misfit(ValueError):
    """Raised when a layer can't read what comes in; its text says why, and what to do."""


class Field(NamedTuple):
    """A number of a layer, within a limit, or one of its choices (name -> label), or a yes or no."""

    label: str
    default: Any
    limit: Limit | None = None
    choices: Mapping[str, str] | None = None

    def problem(self, value: Any) -> str:
        """What is wrong with `value`; empty when nothing is."""
        if self.choices is not None:
            return choice_problem(value, self.choices)
        if self.limit is None:
            return "" if isinstance(value, bool) else f"Must be true or false, not {shortened(value)}."
        return number_problem(value, self.limit, isinstance(self.default, int))


@dataclass(frozen=True)
class LayerType:
    """A kind of layer. `output` gives the shape that a layer with these fields makes of one that comes in."""

    label: str
    help: str
    fields: Mapping[str, Field]
    output: Callable[[LayerSpec, Shape], Shape]  # raises Misfit
    # name -> shape of its tensors; those in `statistics` are measured, not trained.
    tensors: Callable[[LayerSpec, Shape], dict[str, Shape]] = lambda _spec, _shape: {}
    statistics: frozenset[str] = frozenset()
    # Multiplications for an image, on the way forward.
    operations: Callable[[LayerSpec, Shape], int] = lambda _spec, _shape: 0


@dataclass(frozen=True)
class Layer:
    """A layer in its place."""

    position: int
    spec: dict[str, Any]  # with every field of its type
    reads: Shape
    gives: Shape

    @property
    def type(self) -> LayerType:
        return LAYER_TYPES[self.spec["type"]]

    @property
    def tensors(self) -> dict[str, Shape]:
        """Name, such as "weight", to shape."""
        return self.type.tensors(self.spec, self.reads)

    @property
    def parameter_count(self) -> int:
        return sum(map(prod, self.tensors.values()))

    @property
    def operations(self) -> int:
        """Multiplications for an image, on the way forward."""
        return self.type.operations(self.spec, self.reads)


def _flat(shape: Shape, reader: str) -> int:
    if shape == IMAGE:
        return INPUTS  # as it comes from the dataset, an image is a row of pixels too
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
    """How a recurrent layer with so many gates computes shapes; `more` are biases besides the first."""

    def tensors(spec: LayerSpec, shape: Shape) -> dict[str, Shape]:
        _, features = _sequence(shape, "A recurrent layer")
        units = spec["units"]
        biases = dict.fromkeys(("bias", *more), (gates * units,))
        return {"weight": (features, gates * units), "recurrent": (units, gates * units), **biases}

    def operations(spec: LayerSpec, shape: Shape) -> int:
        steps, features = _sequence(shape, "A recurrent layer")
        return int(steps * gates * spec["units"] * (features + spec["units"]))

    return {"output": _recurrent_output, "tensors": tensors, "operations": operations}


GATES = {"simple_rnn": 1, "gru": 3, "lstm": 4}  # sums of a neuron, by type of recurrent layer
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


def dense(*sizes: int, activation: str = "relu", dropout: float = 0.0) -> tuple[dict[str, Any], ...]:
    """Dense hidden layers of these sizes, each with dropout behind it unless that is 0."""
    silent = [{"type": "dropout", "rate": dropout}] if dropout else []
    return tuple(
        dict(layer)
        for size in sizes
        for layer in ({"type": "dense", "units": size, "activation": activation}, *silent)
    )


def _convolution(filters: int, size: int = 3, **more: Any) -> dict[str, Any]:
    return {"type": "conv2d", "filters": filters, "kernel_size": size, **more}


_MAX_POOL = {"type": "max_pooling", "pool_size": 2}

# title -> hidden layers
TEMPLATES: dict[str, tuple[dict[str, Any], ...]] = {
    "Perceptron": (),
    "MLP": dense(128, 64),
    "Nielsen 784-100-30-10": dense(100, 30, activation="sigmoid"),
    "LeNet-like CNN": (
        _convolution(6, 5, padding="same", activation="tanh"),
        {"type": "average_pooling", "pool_size": 2},
        _convolution(16, 5, activation="tanh"),
        {"type": "average_pooling", "pool_size": 2},
        {"type": "flatten"},
        *dense(120, 84, activation="tanh"),
    ),
    "Keras example CNN": (
        _convolution(32),
        _MAX_POOL,
        _convolution(64),
        _MAX_POOL,
        {"type": "flatten"},
        {"type": "dropout", "rate": 0.5},
    ),
    "Row-by-row GRU": ({"type": "gru", "units": 128},),
}


def written(shape: Shape) -> str:
    """The shape in words for people: 26×26×32, 28 steps of 64, or 128 numbers."""
    if len(shape) == 3:
        return "×".join(map(str, shape))
    return f"{shape[0]} steps of {shape[1]}" if len(shape) == 2 else f"a row of {shape[0]:,}"


def in_short(layers: Iterable[LayerSpec]) -> str:
    """The layers in a line: "conv2d 32 – max_pooling 2 – flatten – dense 128"."""
    return " – ".join(_in_short(layer) for layer in layers) or "none"


def _in_short(layer: LayerSpec) -> str:
    if layer.get("type") == "activation":
        return str(layer.get("activation", "activation"))
    size = next((layer[name] for name in ("units", "filters", "pool_size", "rate") if name in layer), "")
    return f"{layer.get('type')} {size}".strip()


def complete(layers: Iterable[LayerSpec]) -> tuple[dict[str, Any], ...]:
    """The layers with every field of their types, defaults where none is given; unknown types as they are."""
    return tuple(
        {
            **{name: field.default for name, field in LAYER_TYPES[layer["type"]].fields.items()},
            **layer,
        }
        if _is_known(layer)
        else dict(layer)
        for layer in layers
    )


def trace(layers: Sequence[LayerSpec]) -> list[Layer]:
    """Each of the layers in its place, from the image on, with what comes in and goes out.

    Raises InvalidArchitecture with every problem that one can see: those of fields of all layers, that of the
    first shape that doesn't fit, and what is too large.
    """
    if not isinstance(layers, Sequence) or not all(isinstance(layer, Mapping) for layer in layers):
        raise InvalidArchitecture({0: f"Must be a list of layers, not {shortened(layers)}."})
    if len(layers) > MOST_LAYERS.maximum + 1:
        raise InvalidArchitecture(
            {
                int(
                    MOST_LAYERS.maximum
                ): f"At most {MOST_LAYERS.maximum:.0f} layers; these are {len(layers) - 1:,}."
            }
        )
    if problems := {i: text for i, layer in enumerate(layers) if (text := _field_problem(layer))}:
        raise InvalidArchitecture(problems)
    placed: list[Layer] = []
    shape: Shape = IMAGE
    for position, spec in enumerate(complete(layers)):
        try:
            gives = LAYER_TYPES[spec["type"]].output(spec, shape)
        except Misfit as error:
            raise InvalidArchitecture({position: str(error)}) from error
        placed.append(Layer(position, spec, shape, gives))
        shape = gives
        _check_size(placed)
    return placed


def _is_known(layer: LayerSpec) -> bool:
    return isinstance(layer.get("type"), str) and layer["type"] in LAYER_TYPES


def _field_problem(layer: LayerSpec) -> str:
    if not _is_known(layer):
        return f"There is no layer of the type {shortened(layer.get('type'))}."
    fields = LAYER_TYPES[layer["type"]].fields
    if unknown := sorted(set(layer) - set(fields) - {"type"}, key=str):
        return f"It has no field {shortened(unknown[0])}."
    found = [
        f"{field.label}: {problem}"
        for name, field in fields.items()
        if name in layer and (problem := field.problem(layer[name]))
    ]
    return " ".join(found)


def _check_size(placed: Sequence[Layer]) -> None:
    sums = (
        (MOST_PARAMETERS, sum(layer.parameter_count for layer in placed), "weights and biases"),
        (MOST_OPERATIONS, sum(layer.operations for layer in placed), "multiplications for an image"),
        (MOST_NUMBERS, sum(prod(layer.gives) for layer in placed), "numbers between its layers"),
    )
    for limit, count, what in sums:
        if count > limit.maximum:
            raise InvalidArchitecture(
                {
                    placed[
                        -1
                    ].position: f"At most {limit.maximum:,.0f} {what}; with this layer there are {count:,}."
                }
            )
