"""A network as one safetensors file: its tensors in float32, its layers as JSON in the metadata.

The metadata hold "format" ("tryml-network/1"), "architecture" (the list of layers) and the caller's entries.
Tensors have the names and shapes of training.ml.nn.Network.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from reprlib import repr as shortened
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.ml.config.architecture import MOST_PARAMETERS
from training.ml.formats.tensors import DamagedTensors, pack, unpack
from training.ml.nn.network import InvalidNetwork, Network, tensor_shapes

FORMAT = "tryml-network/1"
LARGEST = int(4 * MOST_PARAMETERS.maximum) + 100_000  # bytes: all parameters, and a header


def dump(network: Network, beside: Mapping[str, str] | None = None) -> bytes:
    """The network as bytes; the entries of `beside` (text only) are added to "format" and "architecture"."""
    own = {"format": FORMAT, "architecture": json.dumps(network.layers)}
    return pack(network.tensors, {**(beside or {}), **own})


def load(blob: bytes) -> Network:
    """The network in bytes from any source; raises InvalidNetwork, with a reason for users, for invalid ones."""
    if len(blob) > LARGEST:
        raise InvalidNetwork(f"At most {LARGEST / 1e6:.1f} MB; this file has {len(blob) / 1e6:.1f} MB.")
    try:
        tensors, metadata = unpack(blob)
    except DamagedTensors as error:
        raise InvalidNetwork(f"This is no network: {error}.") from error
    layers = _layers(metadata)
    shapes = tensor_shapes(layers)
    if surplus := sorted(set(tensors) - set(shapes)):
        raise InvalidNetwork(f"No layer has a tensor {shortened(surplus[0])}.")
    return Network(
        layers, np.concatenate([_checked(tensors, n, shape).ravel() for n, shape in shapes.items()])
    )


def metadata(blob: bytes) -> dict[str, str]:
    """All metadata in bytes of `dump`; raises DamagedTensors unless they are a safetensors file."""
    return dict(unpack(blob)[1])


def _layers(metadata: Mapping[str, str]) -> list[dict[str, Any]]:
    if metadata.get("format") != FORMAT:
        found = shortened(metadata.get("format"))
        raise InvalidNetwork(f"The metadata must say format {FORMAT!r}, not {found}.")
    try:
        layers = json.loads(metadata.get("architecture", ""))
    except (ValueError, RecursionError) as error:
        raise InvalidNetwork("The metadata hold no list of layers under 'architecture'.") from error
    if not isinstance(layers, list) or not all(isinstance(layer, dict) for layer in layers):
        raise InvalidNetwork("The architecture must be a list of layers.")
    return layers


def _checked(tensors: Mapping[str, NDArray[Any]], name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
    tensor = tensors.get(name)
    if tensor is None:
        raise InvalidNetwork(f"The tensor {name!r} is missing.")
    if tensor.dtype != np.float32 or tensor.shape != shape:
        raise InvalidNetwork(
            f"The tensor {name!r} must be float32 of shape {shape}, "
            f"not {tensor.dtype} of shape {tensor.shape}."
        )
    if not np.isfinite(tensor).all():
        raise InvalidNetwork(f"The tensor {name!r} holds numbers that are infinite or undefined (NaN).")
    return tensor
