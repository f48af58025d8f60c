"""A network as one safetensors file with 8-bit weights: a quarter of the size, for web pages.

Each tensor of more than one axis is int8, quantised symmetrically per output (the last axis): a weight is the
integer times `<name>.scale`, a float32 tensor (outputs,), and an output's largest weight has the integer ±127. Biases
and statistics stay float32. The metadata are as in training.ml.formats.safetensors, with another "format".
`static/js/network/file.js` reads the same files and gets the same bits.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from training.ml.formats.tensors import pack, unpack
from training.ml.nn.network import Network, tensor_shapes

FORMAT = "tryml-network/1+int8"
MOST = 127  # largest absolute value of an integer


def dump(network: Network, metadata: Mapping[str, str] | None = None) -> bytes:
    """The network as bytes with 8-bit weights; `metadata` (text only) is added to "format" and "architecture"."""
    tensors: dict[str, NDArray[np.int8] | NDArray[np.float32]] = {}
    for name, tensor in network.tensors.items():
        whole = tensor.astype(np.float32)
        if whole.ndim == 1:
            tensors[name] = whole
            continue
        largest = np.abs(whole).max(axis=tuple(range(whole.ndim - 1)))  # (outputs,)
        scale = largest / np.float32(MOST)
        scale[scale == 0] = 1
        tensors[name] = np.clip(np.rint(whole / scale), -MOST, MOST).astype(np.int8)
        tensors[f"{name}.scale"] = scale
    own = {"format": FORMAT, "architecture": json.dumps(network.layers)}
    return pack(tensors, {**(metadata or {}), **own})


def load(blob: bytes) -> Network:
    """The network in bytes of `dump`, with the weights that a page computes with.

    Only for trusted bytes: raises DamagedTensors unless they are a safetensors file, but doesn't check its content.
    """
    tensors, metadata = unpack(blob)
    layers = json.loads(metadata["architecture"])
    whole = [
        tensors[name] * tensors[f"{name}.scale"] if tensors[name].dtype == np.int8 else tensors[name]
        for name in tensor_shapes(layers)
    ]
    return Network(layers, np.concatenate([tensor.astype(np.float32).ravel() for tensor in whole]))
