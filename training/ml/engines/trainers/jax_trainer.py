"""The trainer for JAX: JAX's operations and automatic gradient, with each step compiled by XLA."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from functools import lru_cache, partial, reduce
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from numpy.typing import NDArray

from training.ml.config.architecture import Layer, trace
from training.ml.config.hyperparameters import Hyperparameters
from training.ml.engines.trainers import update_rules
from training.ml.engines.trainers.autodiff_trainer import AutodiffTrainer
from training.ml.engines.trainers.functional_network import Call, FunctionalNetwork
from training.ml.engines.trainers.update_rules import UPDATE_RULES, Array, Arrays
from training.ml.nn import Network
from training.ml.nn.activations import LEAK
from training.ml.nn.arrays import Bytes
from training.ml.nn.normalization import EPSILON
from training.ml.nn.pooling import planes

# Leaves memory of the GPU to other workers.
os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
if threads := os.environ.get("OPENBLAS_NUM_THREADS"):
    os.environ.setdefault("NPROC", threads)  # XLA reads it when it starts
# Full float32 on a GPU too: the networks are small, so it takes little time.
jax.config.update("jax_default_matmul_precision", "highest")

# Hyperparameters that XLA compiles as constants: a change of one compiles anew. All others are arguments.
COMPILED = ("optimizer", "loss", "momentum", "rho", "beta_1", "beta_2", "epsilon", "l1", "l2", "clip_norm")

ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "relu": jax.nn.relu,
    "leaky_relu": partial(jax.nn.leaky_relu, negative_slope=LEAK),
    "elu": jax.nn.elu,
    "gelu": partial(jax.nn.gelu, approximate=True),
    "tanh": jnp.tanh,
    "sigmoid": jax.nn.sigmoid,
    "linear": lambda z: z,
    "softmax": jax.nn.softmax,
}


class Program:
    """The functions that XLA compiles for one architecture and one set of COMPILED, once for each number of rows."""

    def __init__(self, layers: Sequence[Layer], hyperparameters: Hyperparameters) -> None:
        self.function = FunctionalNetwork(layers, LAYERS, ACTIVATIONS)
        self.hyperparameters = hyperparameters
        self.step, self.logits = jax.jit(self._step), jax.jit(self._logits)

    def _step(
        self,
        trained: Array,
        statistics: Array,
        slots: Arrays,
        weights: Array,
        images: Array,
        targets: Array,
        seed: Array,
        factors: Array,
    ) -> tuple[Array, Array, Array, Arrays]:
        h = self.hyperparameters

        def loss(tensors: dict[str, Array]) -> tuple[Array, Any]:
            logits, measured = self.function(
                tensors | self.function.statistics(statistics), _scaled(images), seed
            )
            return MEAN_LOSSES[h.loss](logits, targets), (logits, measured)

        slopes, (logits, measured) = jax.grad(loss, has_aux=True)(self.function.trained(trained))
        gradient = jnp.concatenate([slopes[name].ravel() for name in self.function.trained_shapes])
        rule = UPDATE_RULES[h.optimizer]
        trained, slots = update_rules.step(jnp, rule, h, trained, gradient, slots, weights, factors)
        return logits, trained, jnp.concatenate(measured) if measured else statistics, slots

    def _logits(self, trained: Array, statistics: Array, images: Array) -> Array:
        tensors = self.function.trained(trained) | self.function.statistics(statistics)
        return self.function(tensors, _scaled(images))[0]


@lru_cache(maxsize=8)  # a resumed training doesn't compile again
def _program(layers: str, compiled: tuple[Any, ...]) -> Program:
    hyperparameters = Hyperparameters(**dict(zip(COMPILED, compiled, strict=True)))
    return Program(trace(json.loads(layers)), hyperparameters)


class JaxTrainer(AutodiffTrainer):
    """Implements Trainer."""

    def __init__(self, hyperparameters: Hyperparameters, network: Network) -> None:
        compiled = tuple(getattr(hyperparameters, name) for name in COMPILED)
        self.program = _program(json.dumps(network.layers), compiled)
        first = jax.devices()[0]  # the device that computes: a GPU if JAX's plug-in finds one
        self.device = first.device_kind if first.platform == "gpu" else ""
        super().__init__(hyperparameters, network)

    def put(self, array: NDArray[Any]) -> Array:
        return jnp.array(array)

    def get(self, array: Array) -> NDArray[np.float32]:
        return np.asarray(array)

    def step(
        self,
        images: Bytes,
        targets: NDArray[np.float32],
        seed: NDArray[np.uint32],
        factors: tuple[float, ...],
    ) -> Array:
        logits, self.trained, self.statistics, self.slots = self.program.step(
            self.trained,
            self.statistics,
            self.slots,
            self.weights,
            images,
            targets,
            seed,
            np.array(factors, np.float32),
        )
        return logits

    def logits(self, images: Bytes) -> Array:
        return self.program.logits(self.trained, self.statistics, images)


def _scaled(images: Array) -> Array:
    return images.astype(jnp.float32) * (1 / 255)  # (rows, 784)


def _dense(call: Call, x: Array) -> Array:
    return x @ call.tensors["weight"] + call.tensors["bias"]


def _conv2d(call: Call, x: Array) -> Array:
    spec = call.layer.spec
    y = lax.conv_general_dilated(
        x,
        call.tensors["weight"],
        (spec["strides"], spec["strides"]),
        spec["padding"].upper(),
        dimension_numbers=("NHWC", "HWIO", "NHWC"),
    )
    return y + call.tensors["bias"]


def _max_pooling(call: Call, x: Array) -> Array:
    # The backward pass of lax.reduce_window takes fifteen times as long on a CPU.
    return reduce(jnp.maximum, planes(x, call.layer.spec["pool_size"]))


def _average_pooling(call: Call, x: Array) -> Array:
    size = call.layer.spec["pool_size"]
    return sum(planes(x, size)) / size**2


def _flatten(_call: Call, x: Array) -> Array:
    return x.reshape(len(x), -1)


def _dropout(call: Call, x: Array) -> Array:
    if not call.is_training:
        return x
    keep = 1 - call.layer.spec["rate"]
    key = jax.random.fold_in(jax.random.wrap_key_data(call.chance), call.layer.position)
    return jnp.where(jax.random.bernoulli(key, keep, x.shape), x / keep, 0)


def _batch_normalization(call: Call, x: Array) -> Array:
    mean, variance = call.tensors["mean"], call.tensors["variance"]  # (channels,)
    if call.is_training:
        axes = tuple(range(x.ndim - 1))
        mean, variance = x.mean(axes), x.var(axes)
        call.measured("mean", mean)
        call.measured("variance", variance)
    return (x - mean) * lax.rsqrt(variance + EPSILON) * call.tensors["gamma"] + call.tensors["beta"]


def _activation(_call: Call, x: Array) -> Array:
    return x


def _simple_rnn(call: Call, x: Array) -> Array:
    activation = ACTIVATIONS[call.layer.spec["activation"]]

    def step(states: Arrays, z: Array) -> Arrays:
        return (activation(z + states[0] @ call.tensors["recurrent"]),)

    return _recurrence(call, x, step, 1)


def _gru(call: Call, x: Array) -> Array:
    def step(states: Arrays, inputs: Array) -> Arrays:
        (h,) = states
        memories = h @ call.tensors["recurrent"] + call.tensors["recurrent_bias"]  # (rows, 3 · units)
        (xz, xr, xh), (hz, hr, hh) = jnp.split(inputs, 3, -1), jnp.split(memories, 3, -1)
        z, r = jax.nn.sigmoid(xz + hz), jax.nn.sigmoid(xr + hr)
        return (z * h + (1 - z) * jnp.tanh(xh + r * hh),)

    return _recurrence(call, x, step, 1)


def _lstm(call: Call, x: Array) -> Array:
    def step(states: Arrays, inputs: Array) -> Arrays:
        h, c = states
        i, f, g, o = jnp.split(inputs + h @ call.tensors["recurrent"], 4, -1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        return jax.nn.sigmoid(o) * jnp.tanh(c), c

    return _recurrence(call, x, step, 2)


def _recurrence(call: Call, x: Array, step: Callable[[Arrays, Array], Arrays], count: int) -> Array:
    """Runs `step` over the sequence x (rows, steps, features), with `count` states of shape (rows, units).

    Returns the first state after each step, (rows, steps, units), or after the last one, (rows, units).
    """
    inputs = x @ call.tensors["weight"] + call.tensors["bias"]  # (rows, steps, gates · units)
    start = (jnp.zeros((len(x), call.layer.spec["units"])),) * count

    def advanced(states: Arrays, z: Array) -> tuple[Arrays, Array]:
        states = step(states, z)
        return states, states[0]

    states, each = lax.scan(advanced, start, inputs.swapaxes(0, 1))
    return each.swapaxes(0, 1) if call.layer.spec["return_sequences"] else states[0]


LAYERS: dict[str, Callable[[Call, Array], Array]] = {
    "dense": _dense,
    "conv2d": _conv2d,
    "max_pooling": _max_pooling,
    "average_pooling": _average_pooling,
    "flatten": _flatten,
    "dropout": _dropout,
    "batch_normalization": _batch_normalization,
    "activation": _activation,
    "simple_rnn": _simple_rnn,
    "gru": _gru,
    "lstm": _lstm,
}


def _cross_entropy(logits: Array, targets: Array) -> Array:
    return -(targets * jax.nn.log_softmax(logits)).sum(-1).mean()


def _quadratic(logits: Array, targets: Array) -> Array:
    return 0.5 * jnp.square(jax.nn.softmax(logits) - targets).sum(-1).mean()


def _hinge(logits: Array, targets: Array) -> Array:
    # targets are one-hot
    rivals = jax.nn.one_hot(jnp.where(targets > 0, -jnp.inf, logits).argmax(-1), logits.shape[-1])
    return jax.nn.relu(1 + (logits * (rivals - targets)).sum(-1)).mean()


# Loss -> function from logits and targets, both (rows, 10), to the mean loss.
MEAN_LOSSES: dict[str, Callable[[Array, Array], Array]] = {
    "cross_entropy": _cross_entropy,
    "quadratic": _quadratic,
    "hinge": _hinge,
}
