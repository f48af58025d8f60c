"""The trainer for TensorFlow: a Keras model, with each step compiled as a graph."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from math import prod
from typing import Any

# Before the import: silences TensorFlow's messages, and makes Keras use TensorFlow.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from numpy.typing import NDArray

from training.ml.config.hyperparameters import Hyperparameters
from training.ml.config.layer_types import IMAGE
from training.ml.engines.trainers import update_rules
from training.ml.engines.trainers.autodiff_trainer import AutodiffTrainer
from training.ml.engines.trainers.update_rules import Array, Arrays
from training.ml.nn import Network
from training.ml.nn.activations import LEAK
from training.ml.nn.arrays import Bytes
from training.ml.nn.normalization import EPSILON, MOMENTUM

if threads := os.environ.get("OPENBLAS_NUM_THREADS"):
    tf.config.threading.set_intra_op_parallelism_threads(int(threads))
    tf.config.threading.set_inter_op_parallelism_threads(int(threads))
GPUS: list[str] = []  # their names; TensorFlow computes on the first
for gpu in tf.config.list_physical_devices("GPU"):
    tf.config.experimental.set_memory_growth(gpu, True)  # leaves memory of the GPU to other workers
    GPUS.append(tf.config.experimental.get_device_details(gpu).get("device_name", "GPU"))
# Full float32 on a GPU too: the networks are small, so it takes little time.
tf.config.experimental.enable_tensor_float_32_execution(False)
tf.get_logger().setLevel("ERROR")  # otherwise TensorFlow warns about one tf.function per training


class TensorflowTrainer(AutodiffTrainer):
    """Implements Trainer.

    Keras's variables have the order of our tensors (the two biases of a GRU are the rows of one variable), so a flat
    array becomes variables by cutting it.
    """

    def __init__(self, hyperparameters: Hyperparameters, network: Network) -> None:
        self.mean_loss = MEAN_LOSSES[hyperparameters.loss]
        self.device = GPUS[0] if GPUS else ""
        self.model = keras.Sequential([keras.Input(IMAGE), *_layers(network)])
        self._compiled_step = tf.function(self._step, reduce_retracing=True)
        self._compiled_logits = tf.function(self._logits, reduce_retracing=True)
        super().__init__(hyperparameters, network)

    def put(self, array: NDArray[Any]) -> Array:
        return tf.constant(array)

    def get(self, array: Array) -> NDArray[np.float32]:
        values: NDArray[np.float32] = array.numpy()
        return values

    def step(
        self,
        images: Bytes,
        targets: NDArray[np.float32],
        seed: NDArray[np.uint32],
        factors: tuple[float, ...],
    ) -> Array:
        logits, self.trained, self.statistics, self.slots = self._compiled_step(
            self.trained,
            self.statistics,
            self.slots,
            tf.constant(images),
            tf.constant(targets),
            tf.constant(seed.astype(np.int64)),
            tf.constant(factors, tf.float32),
        )
        return logits

    def logits(self, images: Bytes) -> Array:
        return self._compiled_logits(self.trained, self.statistics, tf.constant(images))

    def _step(
        self,
        trained: Array,
        statistics: Array,
        slots: Arrays,
        images: Array,
        targets: Array,
        seed: Array,
        factors: Array,
    ) -> tuple[Array, Array, Array, Arrays]:
        tensors = _cut(trained, self.model.trainable_variables)
        with tf.GradientTape() as tape:
            tape.watch(tensors)
            others = self._others(statistics, seed)
            logits, others = self.model.stateless_call(tensors, others, _scaled(images), training=True)
            loss = self.mean_loss(logits, targets)
        gradient = _joined(tape.gradient(loss, tensors))
        trained, slots = update_rules.step(
            tf, self.rule, self.hyperparameters, trained, gradient, slots, self.weights, factors
        )
        return logits, trained, _joined([other for other in others if other.dtype.is_floating]), slots

    def _logits(self, trained: Array, statistics: Array, images: Array) -> Array:
        others = self._others(statistics, tf.zeros(2, tf.int64))
        tensors = _cut(trained, self.model.trainable_variables)
        return self.model.stateless_call(tensors, others, _scaled(images), training=False)[0]

    def _others(self, statistics: Array, seed: Array) -> list[Array]:
        """Keras's non-trainable variables: the running statistics, and a seed for each layer with random numbers."""
        variables = self.model.non_trainable_variables
        measured = iter(_cut(statistics, [v for v in variables if v.dtype == "float32"]))
        return [next(measured) if v.dtype == "float32" else seed + i for i, v in enumerate(variables)]


def _cut(array: Array, variables: Sequence[Any]) -> list[Array]:
    """The flat array cut into pieces with the variables' shapes."""
    pieces = tf.split(array, [prod(variable.shape) for variable in variables]) if variables else []
    return [tf.reshape(piece, variable.shape) for piece, variable in zip(pieces, variables, strict=True)]


def _joined(arrays: Sequence[Array]) -> Array:
    return tf.concat([tf.reshape(array, (-1,)) for array in arrays], 0) if arrays else tf.zeros(0)


def _scaled(images: Array) -> Array:
    return tf.reshape(tf.cast(images, tf.float32) * (1 / 255), (-1, *IMAGE))


def _layers(network: Network) -> Iterator[Any]:
    for layer in network.placed:
        spec = dict(layer.spec)
        kind = spec.pop("type")
        if kind == "dense" and len(layer.reads) > 1:
            yield layers.Flatten()
        if "return_sequences" in spec:
            yield layers.Reshape((layer.reads[0], prod(layer.reads[1:])))
        if layer is network.placed[-1]:
            spec["activation"] = "linear"  # the losses take logits
        if spec.get("activation") in ACTIVATIONS:
            spec["activation"] = ACTIVATIONS[spec["activation"]]
        yield LAYERS[kind](**spec)


# Activations whose defaults in Keras differ from ours.
ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "leaky_relu": partial(keras.activations.leaky_relu, negative_slope=LEAK),
    "gelu": partial(keras.activations.gelu, approximate=True),
}
LAYERS: dict[str, Callable[..., Any]] = {
    "dense": layers.Dense,
    "conv2d": layers.Conv2D,
    "max_pooling": layers.MaxPooling2D,
    "average_pooling": layers.AveragePooling2D,
    "flatten": layers.Flatten,
    "dropout": layers.Dropout,
    "batch_normalization": partial(layers.BatchNormalization, momentum=MOMENTUM, epsilon=EPSILON),
    "activation": layers.Activation,
    "simple_rnn": layers.SimpleRNN,
    "gru": layers.GRU,
    "lstm": layers.LSTM,
}


def _cross_entropy(logits: Array, targets: Array) -> Array:
    return tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(targets, logits))


def _quadratic(logits: Array, targets: Array) -> Array:
    return 0.5 * tf.reduce_mean(tf.reduce_sum(tf.square(tf.nn.softmax(logits) - targets), -1))


def _hinge(logits: Array, targets: Array) -> Array:
    # targets are one-hot
    others = tf.where(targets > 0, -np.inf, logits)
    rivals = tf.one_hot(tf.argmax(others, -1), logits.shape[-1])
    return tf.reduce_mean(tf.nn.relu(1 + tf.reduce_sum(logits * (rivals - targets), -1)))


# Loss -> function from logits and targets, both (rows, 10), to the mean loss.
MEAN_LOSSES: dict[str, Callable[[Array, Array], Array]] = {
    "cross_entropy": _cross_entropy,
    "quadratic": _quadratic,
    "hinge": _hinge,
}
