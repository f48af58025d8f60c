"""The trainer for PyTorch: PyTorch's layers and automatic gradient."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator
from torch.nn import functional

from training.ml.config.hyperparameters import Hyperparameters
from training.ml.engines.trainers import update_rules
from training.ml.engines.trainers.autodiff_trainer import AutodiffTrainer
from training.ml.engines.trainers.functional_network import Call, FunctionalNetwork
from training.ml.engines.trainers.update_rules import Array
from training.ml.nn import Network
from training.ml.nn.activations import LEAK
from training.ml.nn.arrays import Bytes
from training.ml.nn.normalization import EPSILON

# Full float32 on a GPU too: the networks are small, so it takes little time.
torch.backends.cudnn.allow_tf32 = False

ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "relu": functional.relu,
    "leaky_relu": partial(functional.leaky_relu, negative_slope=LEAK),
    "elu": functional.elu,
    "gelu": partial(functional.gelu, approximate="tanh"),
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "linear": lambda z: z,
    "softmax": partial(functional.softmax, dim=-1),
}


def chosen() -> torch.device:
    """The device that computes: a GPU (NVIDIA's, or AMD's with AMD's build of PyTorch) if any, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


class TorchTrainer(AutodiffTrainer):
    """Implements Trainer."""

    def __init__(self, hyperparameters: Hyperparameters, network: Network) -> None:
        if threads := os.environ.get("OPENBLAS_NUM_THREADS"):
            torch.set_num_threads(int(threads))
        self.home = chosen()
        self.device = torch.cuda.get_device_name(self.home) if self.home.type == "cuda" else ""
        self.generator = Generator(self.home)
        self.function = FunctionalNetwork(network.placed, LAYERS, ACTIVATIONS)
        self.mean_loss = MEAN_LOSSES[hyperparameters.loss]
        super().__init__(hyperparameters, network)

    def put(self, array: NDArray[Any]) -> Array:
        return torch.tensor(array, device=self.home)

    def get(self, array: Array) -> NDArray[np.float32]:
        values: NDArray[np.float32] = array.cpu().numpy()
        return values

    def step(
        self,
        images: Bytes,
        targets: NDArray[np.float32],
        seed: NDArray[np.uint32],
        factors: tuple[float, ...],
    ) -> Array:
        self.generator.manual_seed(int(seed.view(np.uint64)[0] >> 1))
        tensors = self.function.trained(self.trained)
        leaves = [tensor.requires_grad_() for tensor in tensors.values()]
        tensors |= self.function.statistics(self.statistics)
        logits, statistics = self.function(tensors, self._scaled(images), self.generator)
        slopes = torch.autograd.grad(self.mean_loss(logits, self.put(targets)), leaves)
        with torch.no_grad():
            gradient = torch.cat([slope.reshape(-1) for slope in slopes])
            self.trained, self.slots = update_rules.step(
                torch,
                self.rule,
                self.hyperparameters,
                self.trained,
                gradient,
                self.slots,
                self.weights,
                factors,
            )
        if statistics:
            self.statistics = torch.cat(statistics)
        return logits.detach()

    def logits(self, images: Bytes) -> Array:
        with torch.no_grad():
            tensors = self.function.trained(self.trained) | self.function.statistics(self.statistics)
            return self.function(tensors, self._scaled(images))[0]

    def _scaled(self, images: Bytes) -> Array:
        return self.put(images).float() * (1 / 255)  # (rows, 784)


def _dense(call: Call, x: Array) -> Array:
    return functional.linear(x, call.tensors["weight"].T, call.tensors["bias"])


def _conv2d(call: Call, x: Array) -> Array:
    spec, (height, width, _) = call.layer.spec, call.layer.reads
    size, stride = spec["kernel_size"], spec["strides"]
    x = x.permute(0, 3, 1, 2)  # a view (rows, channels, h, w); in memory, channels stay last
    if spec["padding"] == "same":
        x = functional.pad(x, (*_edges(width, size, stride), *_edges(height, size, stride)))
    weight = call.tensors["weight"].permute(3, 2, 0, 1)  # (filters, channels, kh, kw)
    return functional.conv2d(x, weight, call.tensors["bias"], stride).permute(0, 2, 3, 1)


def _edges(length: int, size: int, stride: int) -> tuple[int, int]:
    """Padding before and after an axis so that ⌈length/stride⌉ windows fit; the odd one goes after, as in Keras."""
    missing = max((-(-length // stride) - 1) * stride + size - length, 0)
    return missing // 2, missing - missing // 2


def _pooling(function: Callable[[Array, int], Array], call: Call, x: Array) -> Array:
    return function(x.permute(0, 3, 1, 2), call.layer.spec["pool_size"]).permute(0, 2, 3, 1)


def _flatten(_call: Call, x: Array) -> Array:
    return x.reshape(len(x), -1)


def _dropout(call: Call, x: Array) -> Array:
    if not call.is_training:
        return x
    keep = 1 - call.layer.spec["rate"]
    return x * torch.empty_like(x).bernoulli_(keep, generator=call.chance) / keep


def _batch_normalization(call: Call, x: Array) -> Array:
    own = call.tensors
    rows = x.reshape(-1, x.shape[-1])  # (rows · positions, channels)
    if call.is_training:
        variance, mean = torch.var_mean(rows.detach(), 0, correction=0)
        call.measured("mean", mean)
        call.measured("variance", variance)
        # functional.batch_norm raises for a batch of one image.
        y = torch.batch_norm(rows, own["gamma"], own["beta"], None, None, True, 0.0, EPSILON, False)
    else:
        y = functional.batch_norm(rows, own["mean"], own["variance"], own["gamma"], own["beta"], eps=EPSILON)
    return y.reshape(x.shape)


def _activation(_call: Call, x: Array) -> Array:
    return x


def _simple_rnn(call: Call, x: Array) -> Array:
    activation = ACTIVATIONS[call.layer.spec["activation"]]
    inputs = x @ call.tensors["weight"] + call.tensors["bias"]  # (rows, steps, units)
    h, states = inputs.new_zeros(inputs[:, 0].shape), []
    for z in inputs.unbind(1):
        h = activation(torch.addmm(z, h, call.tensors["recurrent"]))
        states.append(h)
    return _asked(call, torch.stack(states, 1))


def _gru(call: Call, x: Array) -> Array:
    own = call.tensors
    # PyTorch's order of the gates is r, z, h.
    weight, recurrent = (_swapped(own[name]).T.contiguous() for name in ("weight", "recurrent"))
    biases = (_swapped(own[name]) for name in ("bias", "recurrent_bias"))
    start = x.new_zeros(1, len(x), call.layer.spec["units"])
    states, _ = torch.gru(x, start, (weight, recurrent, *biases), True, 1, 0.0, call.is_training, False, True)
    return _asked(call, states)


def _swapped(z_r_h: Array) -> Array:
    z, r, h = z_r_h.chunk(3, -1)
    return torch.cat((r, z, h), -1)


def _lstm(call: Call, x: Array) -> Array:
    own = call.tensors
    bias = own["bias"]
    tensors = own["weight"].T.contiguous(), own["recurrent"].T.contiguous(), bias, torch.zeros_like(bias)
    start = x.new_zeros(1, len(x), call.layer.spec["units"])
    states, _, _ = torch.lstm(x, (start, start), tensors, True, 1, 0.0, call.is_training, False, True)
    return _asked(call, states)


def _asked(call: Call, states: Array) -> Array:
    # states (rows, steps, units)
    return states if call.layer.spec["return_sequences"] else states[:, -1]


LAYERS: dict[str, Callable[[Call, Array], Array]] = {
    "dense": _dense,
    "conv2d": _conv2d,
    "max_pooling": partial(_pooling, functional.max_pool2d),
    "average_pooling": partial(_pooling, functional.avg_pool2d),
    "flatten": _flatten,
    "dropout": _dropout,
    "batch_normalization": _batch_normalization,
    "activation": _activation,
    "simple_rnn": _simple_rnn,
    "gru": _gru,
    "lstm": _lstm,
}


def _quadratic(logits: Array, targets: Array) -> Array:
    return 0.5 * (functional.softmax(logits, -1) - targets).square().sum(-1).mean()


def _hinge(logits: Array, targets: Array) -> Array:
    # targets are one-hot
    rivals = functional.one_hot(logits.masked_fill(targets > 0, -torch.inf).argmax(-1), logits.shape[-1])
    return functional.relu(1 + (logits * (rivals - targets)).sum(-1)).mean()


# Loss -> function from logits and targets, both (rows, 10), to the mean loss.
MEAN_LOSSES: dict[str, Callable[[Array, Array], Array]] = {
    "cross_entropy": functional.cross_entropy,
    "quadratic": _quadratic,
    "hinge": _hinge,
}
