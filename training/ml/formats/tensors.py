"""Named arrays with text metadata as bytes, in the safetensors format, which cannot contain code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import safetensors.numpy
from numpy.typing import NDArray
from safetensors import SafetensorError

HEADER_LENGTH = 8  # bytes: the length of the JSON header that follows, little-endian


class DamagedTensors(ValueError):
    """Raised when bytes are not a complete safetensors file."""


def pack(tensors: Mapping[str, NDArray[Any]], metadata: Mapping[str, str]) -> bytes:
    """The arrays, which must be contiguous, and the metadata as the bytes of one file."""
    return safetensors.numpy.save(dict(tensors), dict(metadata))


def unpack(blob: bytes) -> tuple[dict[str, NDArray[Any]], dict[str, str]]:
    """The arrays, read-only, and the metadata in the bytes of a file; raises DamagedTensors."""
    try:
        tensors = safetensors.numpy.load(blob)
        length = int.from_bytes(blob[:HEADER_LENGTH], "little")
        header = json.loads(blob[HEADER_LENGTH : HEADER_LENGTH + length])
    except (SafetensorError, KeyError, ValueError) as error:
        raise DamagedTensors(f"not a whole safetensors file ({error})") from error
    return tensors, header.get("__metadata__") or {}
