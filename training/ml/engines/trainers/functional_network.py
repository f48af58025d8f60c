"""A network as a function of its tensors, for frameworks that differentiate functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any, NamedTuple

from training.ml.config.architecture import Layer
from training.ml.config.layer_types import IMAGE
from training.ml.engines.trainers.update_rules import Array
from training.ml.nn.normalization import MOMENTUM


class Call(NamedTuple):
    """The call of one layer on a batch."""

    layer: Layer
    tensors: Mapping[str, Array]  # the layer's, by short name, such as "weight"
    chance: Any  # the source of dropout's random numbers; None outside training
    statistics: dict[str, Array]  # output: the new running statistics, by full name, such as "1.mean"

    @property
    def is_training(self) -> bool:
        return self.chance is not None

    def measured(self, name: str, value: Array) -> None:
        """Update a running statistic of the layer, "mean" or "variance", with the batch's value."""
        running = MOMENTUM * self.tensors[name] + (1 - MOMENTUM) * value
        self.statistics[f"{self.layer.position}.{name}"] = running


class FunctionalNetwork:
    """A network as a function.

    `functions` maps each type of layer to a function from the layer's input to its output, channels last. Dense layers
    get (rows, inputs), recurrent layers (rows, steps, features), others the output of the layer before.
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        functions: Mapping[str, Callable[[Call, Array], Array]],
        activations: Mapping[str, Callable[[Array], Array]],
    ) -> None:
        self.layers, self.functions, self.activations = layers, functions, activations
        self.trained_shapes: dict[str, tuple[int, ...]] = {}
        self.statistic_shapes: dict[str, tuple[int, ...]] = {}
        for layer in layers:
            for name, shape in layer.tensors.items():
                is_statistic = name in layer.type.statistics
                shapes = self.statistic_shapes if is_statistic else self.trained_shapes
                shapes[f"{layer.position}.{name}"] = shape

    def trained(self, array: Array) -> dict[str, Array]:
        """Views of a flat array of weights and biases: full name -> tensor."""
        return _views(array, self.trained_shapes)

    def statistics(self, array: Array) -> dict[str, Array]:
        """Views of a flat array of running statistics: full name -> tensor."""
        return _views(array, self.statistic_shapes)

    def __call__(
        self, tensors: Mapping[str, Array], x: Array, chance: Any = None
    ) -> tuple[Array, list[Array]]:
        """Logits (rows, 10) for images x (rows, 784), and the new running statistics in order.

        `tensors` are by full name. With `chance` the network is training; without it there are no new statistics.
        """
        x = x.reshape(-1, *IMAGE)
        statistics: dict[str, Array] = {}
        for layer in self.layers:
            own = {name: tensors[f"{layer.position}.{name}"] for name in layer.tensors}
            kind, activation = layer.spec["type"], layer.spec.get("activation", "linear")
            x = self.functions[kind](Call(layer, own, chance, statistics), _as_read(layer, x))
            if kind != "simple_rnn" and layer is not self.layers[-1]:
                x = self.activations[activation](x)
        return x, list(statistics.values())


def _as_read(layer: Layer, x: Array) -> Array:
    if layer.spec["type"] == "dense":
        return x.reshape(-1, prod(layer.reads))
    if "return_sequences" in layer.spec:
        return x.reshape(-1, layer.reads[0], prod(layer.reads[1:]))
    return x


def _views(array: Array, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Array]:
    views, start = {}, 0
    for name, shape in shapes.items():
        stop = start + prod(shape)
        views[name] = array[start:stop].reshape(shape)
        start = stop
    return views
