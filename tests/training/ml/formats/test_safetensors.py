"""A network's file, there and back, and everything that may be wrong with one."""

import json
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given
from hypothesis import strategies as st

from training.ml import formats
from training.ml.config.hyperparameters import Hyperparameters
from training.ml.config.layer_types import ACTIVATIONS
from training.ml.config.templates import dense
from training.ml.formats import safetensors as module
from training.ml.formats.tensors import unpack
from training.ml.nn import InvalidNetwork, Network

NETWORK = Network.for_hyperparameters(Hyperparameters(layers=dense(6)))
ARCHITECTURE = json.dumps(NETWORK.layers)
METADATA = {"format": "tryml-network/1", "architecture": ARCHITECTURE}


def blob(change: dict[str, Any] | None = None, metadata: dict[str, str] | None = None) -> bytes:
    """The network's file with tensors replaced (None: taken out)."""
    tensors = {**NETWORK.tensors, **(change or {})}
    whole = {name: tensor for name, tensor in tensors.items() if tensor is not None}
    return safetensors.numpy.save(whole, {**METADATA, **(metadata or {})})


@given(
    sizes=st.lists(st.integers(1, 30), max_size=4).map(tuple),
    activation=st.sampled_from(list(ACTIVATIONS)),
    seed=st.integers(0, 99),
)
def test_a_network_comes_back_to_the_bit(sizes: tuple[int, ...], activation: str, seed: int) -> None:
    network = Network.for_hyperparameters(
        Hyperparameters(layers=dense(*sizes, activation=activation), seed=seed)
    )

    back = formats.load(formats.dump(network, {"name": "mine"}))

    assert back.layers == network.layers
    np.testing.assert_array_equal(back.parameters, network.parameters)


def test_the_file_is_plain_safetensors_with_our_metadata() -> None:
    tensors, metadata = unpack(formats.dump(NETWORK, {"name": "Zwölf", "format": "not this one"}))

    assert metadata == {**METADATA, "name": "Zwölf"}
    assert {name: (t.shape, str(t.dtype)) for name, t in tensors.items()} == {
        "0.weight": ((784, 6), "float32"),
        "0.bias": ((6,), "float32"),
        "1.weight": ((6, 10), "float32"),
        "1.bias": ((10,), "float32"),
    }


def test_a_loaded_network_may_be_changed() -> None:
    network = formats.load(formats.dump(NETWORK))
    network.tensors["0.bias"][:] = 1
    assert network.predict(np.zeros((1, 784), np.uint8)).shape == (1, 10)


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (b"", "This is no network: not a whole safetensors file"),
        (b"PK\x03\x04" * 50, "This is no network"),
        (blob()[:-100], "This is no network"),
        (blob({"0.bias": None}), "The tensor '0.bias' is missing."),
        (blob({"9.bias": np.zeros(3, np.float32)}), "No layer has a tensor '9.bias'."),
        (
            blob({"0.bias": np.zeros(7, np.float32)}),
            "The tensor '0.bias' must be float32 of shape (6,), not float32 of shape (7,).",
        ),
        (
            blob({"0.weight": np.zeros((6, 784), np.float32)}),
            "must be float32 of shape (784, 6), not float32 of shape (6, 784).",
        ),
        (blob({"0.bias": np.zeros(6, np.float64)}), "must be float32 of shape (6,), not float64"),
        (blob({"0.bias": np.full(6, np.nan, np.float32)}), "infinite or undefined (NaN)"),
        (blob({"1.bias": np.full(10, np.inf, np.float32)}), "The tensor '1.bias' holds numbers"),
        (blob(metadata={"format": "other"}), "The metadata must say format 'tryml-network/1', not 'other'."),
        (blob(metadata={"architecture": "{"}), "hold no list of layers under 'architecture'"),
        (blob(metadata={"architecture": "[" * 50_000}), "hold no list of layers under 'architecture'"),
        (blob(metadata={"architecture": "{}"}), "The architecture must be a list of layers."),
        (blob(metadata={"architecture": "[1]"}), "The architecture must be a list of layers."),
        (blob(metadata={"architecture": "[]"}), "A network needs at least one layer."),
        (
            blob(metadata={"architecture": ARCHITECTURE.replace("6", "1000000000")}),
            "Layer 1: Neurons: Must be at least 1 and at most 4,096, not 1,000,000,000.",
        ),
    ],
)
def test_a_bad_file_is_refused_in_one_line(file: bytes, message: str) -> None:
    with pytest.raises(InvalidNetwork) as caught:
        formats.load(file)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_beyond_the_limit_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST", 1_000_000)
    with pytest.raises(InvalidNetwork, match=r"At most 1\.0 MB; this file has 2\.0 MB"):
        formats.load(bytes(2_000_000))
