"""The architecture of a network: checks a list of layers, and computes shapes, parameters and operations.

A layer is a JSON-able dict with Keras's names, such as {"type": "dense", "units": 128, "activation": "relu"}. Shapes
are those of one image, channels last: (28, 28, 1) an image, (h, w, c) a feature map, (steps, features) a sequence,
(units,) a vector.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from reprlib import repr as shortened
from typing import Any

from training.ml.config.layer_types import CLASSES, IMAGE, LAYER_TYPES, LayerSpec, LayerType, Misfit, Shape
from training.ml.config.limits import Limit

OUTPUT: LayerSpec = {"type": "dense", "units": CLASSES, "activation": "softmax"}
MOST_LAYERS = Limit(0, 24)  # besides the output
MOST_PARAMETERS = Limit(1, 20_000_000)
MOST_OPERATIONS = Limit(1, 200_000_000)  # multiplications per image in the forward pass
MOST_NUMBERS = Limit(1, 1_000_000)  # outputs of all layers together, per image


class InvalidArchitecture(ValueError):
    """Raised when layers don't fit together; `problems` maps a layer's position, from 0, to a message for people."""

    def __init__(self, problems: Mapping[int, str]) -> None:
        self.problems = dict(problems)
        super().__init__(" ".join(f"Layer {i + 1}: {message}" for i, message in self.problems.items()))


@dataclass(frozen=True)
class Layer:
    """A layer at its position in a network."""

    position: int  # from 0
    spec: dict[str, Any]  # with every field of its type
    reads: Shape  # of its input
    gives: Shape  # of its output

    @property
    def type(self) -> LayerType:
        return LAYER_TYPES[self.spec["type"]]

    @property
    def tensors(self) -> dict[str, Shape]:
        """Tensor name, such as "weight" -> shape."""
        return self.type.tensors(self.spec, self.reads)

    @property
    def parameter_count(self) -> int:
        return sum(map(prod, self.tensors.values()))

    @property
    def operations(self) -> int:
        """Multiplications per image in the forward pass."""
        return self.type.operations(self.spec, self.reads)


def in_short(layers: Iterable[LayerSpec]) -> str:
    """The layers in one line, such as "conv2d 32 – max_pooling 2 – flatten – dense 128"."""
    return " – ".join(_in_short(layer) for layer in layers) or "none"


def _in_short(layer: LayerSpec) -> str:
    if layer.get("type") == "activation":
        return str(layer.get("activation", "activation"))
    size = next((layer[name] for name in ("units", "filters", "pool_size", "rate") if name in layer), "")
    return f"{layer.get('type')} {size}".strip()


def complete(layers: Iterable[LayerSpec]) -> tuple[dict[str, Any], ...]:
    """Copies of the layers with every field of their type, defaults filled in; unknown types unchanged."""
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
    """The layers with their positions and their input and output shapes, starting from an image.

    Raises InvalidArchitecture for no list or too many layers; else for all invalid fields; else for the first layer
    whose input shape doesn't fit, or with which the network becomes too large.
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
