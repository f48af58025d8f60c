"""From layers to passes: the operations of each type of layer on a batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

from numpy.random import Generator

from training.ml.config.architecture import Layer
from training.ml.nn.activations import MONOTONE
from training.ml.nn.arrays import Floats
from training.ml.nn.convolution import Convolve
from training.ml.nn.normalization import BatchNormalize
from training.ml.nn.passes import Activate, Affine, Dropout, Pass, Reshape
from training.ml.nn.pooling import AveragePool, MaxPool
from training.ml.nn.recurrent import Gru, Lstm, SimpleRnn

POOLS: dict[str, type[MaxPool] | type[AveragePool]] = {"max_pooling": MaxPool, "average_pooling": AveragePool}
GATED = {"gru": Gru, "lstm": Lstm}


class Assembly:
    """Makes the passes of all layers for a batch size.

    `tensors` and `gradients` are views by name, as in Network. Without gradients there are only forward passes, with
    running statistics; without a generator there is no dropout. The last layer's softmax is left out: losses and
    predictions take the logits.
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        tensors: Mapping[str, Floats],
        gradients: Mapping[str, Floats] | None = None,
        generator: Generator | None = None,
    ) -> None:
        self.layers, self.tensors = layers, tensors
        self.gradients, self.generator = gradients, generator
        self.dtype = next(iter(tensors.values())).dtype
        self.first_to_learn = next(i for i, layer in enumerate(layers) if layer.tensors)

    def passes(self, rows: int, *, fused: bool = True) -> list[list[Pass]]:
        """The passes of each layer for `rows` images; the first pass reads (rows, 784).

        If `fused`, a convolution also computes the max pooling that follows it, and the pooling layer has no passes.
        For a monotone activation the maximum may be taken first: the activation then has fewer numbers to compute,
        a quarter for windows of 2 × 2.
        """
        return [
            [] if fused and self._is_fused(layer) else self._layer(rows, layer, fused=fused)
            for layer in self.layers
        ]

    def _is_fused(self, layer: Layer) -> bool:
        """Whether the layer is a max pooling that the convolution before it may compute."""
        if layer.spec["type"] != "max_pooling" or layer.position == 0:
            return False
        before = self.layers[layer.position - 1].spec
        return before["type"] == "conv2d" and before["activation"] in MONOTONE

    def _layer(self, rows: int, layer: Layer, *, fused: bool) -> list[Pass]:
        spec, kind = layer.spec, layer.spec["type"]
        passes: list[Pass] = []
        reads = layer.reads
        if kind == "dense":
            reads = (prod(reads),)
        elif kind in {"simple_rnn", *GATED}:
            reads = (reads[0], prod(reads[1:]))
        if reads != layer.reads or (layer.position == 0 and kind != "dense"):
            passes.append(Reshape(reads))
        gives, pool_size = layer.gives, 1
        if fused and not self._is_last(layer) and self._is_fused(pool := self.layers[layer.position + 1]):
            gives, pool_size = pool.gives, pool.spec["pool_size"]
        passes += self._core(rows, reads, layer, pool_size)
        activation = spec.get("activation", "linear")
        if activation != "linear" and kind != "simple_rnn" and not self._is_last(layer):
            passes.append(Activate(rows, gives, self.dtype, activation))
        return passes

    def _is_last(self, layer: Layer) -> bool:
        return layer.position == len(self.layers) - 1

    def _core(self, rows: int, reads: tuple[int, ...], layer: Layer, pool_size: int) -> list[Pass]:
        spec, kind = layer.spec, layer.spec["type"]
        tensors, gradients = self._own(layer, self.tensors), self._own(layer, self.gradients)
        is_first = layer.position == self.first_to_learn
        if kind == "dense":
            return [Affine(rows, tensors, gradients, is_first=is_first)]
        if kind == "conv2d":
            slopes = (gradients["weight"], gradients["bias"]) if gradients else (None, None)
            return [
                Convolve(
                    rows,
                    (reads[0], reads[1], reads[2]),
                    tensors["weight"],
                    tensors["bias"],
                    *slopes,
                    strides=spec["strides"],
                    padding=spec["padding"],
                    pool_size=pool_size,
                    is_first=is_first,
                )
            ]
        if kind in POOLS:
            training = self.gradients is not None
            shape = reads[0], reads[1], reads[2]
            return [POOLS[kind](rows, shape, spec["pool_size"], self.dtype, training=training)]
        if kind == "batch_normalization":
            return [BatchNormalize(rows, reads, tensors, gradients, training=self.gradients is not None)]
        if kind == "flatten":
            return [Reshape(layer.gives)]
        if kind == "dropout" and self.generator is not None and spec["rate"]:
            return [Dropout(rows, reads, self.dtype, spec["rate"], self.generator)]
        if kind in {"simple_rnn", *GATED}:
            return [self._recurrent(rows, (reads[0], reads[1]), layer, is_first)]
        return []

    def _recurrent(self, rows: int, reads: tuple[int, int], layer: Layer, is_first: bool) -> Pass:
        spec = layer.spec
        tensors, gradients = self._own(layer, self.tensors), self._own(layer, self.gradients)
        options: dict[str, Any] = {"return_sequences": spec["return_sequences"], "is_first": is_first}
        if spec["type"] in GATED:
            return GATED[spec["type"]](rows, reads, tensors, gradients, **options)
        return SimpleRnn(rows, reads, tensors, gradients, activation=spec["activation"], **options)

    def _own(self, layer: Layer, arrays: Mapping[str, Floats] | None) -> Any:
        """The layer's arrays by short name, such as "weight"; None if `arrays` is None."""
        if arrays is None:
            return None
        return {name: arrays[f"{layer.position}.{name}"] for name in layer.tensors}
