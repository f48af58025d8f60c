import json
import struct
from pathlib import Path

import numpy as np
import pytest

from training.ml import formats
from training.ml.config.architecture import OUTPUT
from training.ml.config.templates import dense
from training.ml.nn import Network

REFUSAL = """
async () => {
  const { Network, NetworkError } = await import("/js/network/network.js");
  try {
    Network.fromBytes(await (await fetch("/network")).arrayBuffer());
  } catch (error) {
    return error instanceof NetworkError ? error.message : `not a NetworkError: ${error}`;
  }
}
"""
PREDICT = """
async () => {
  const { Network } = await import("/js/network/network.js");
  const network = Network.fromBytes(await (await fetch("/network")).arrayBuffer());
  return [...network.predict(new Float32Array(784).fill(0.5)).probabilities];
}
"""
GREY = np.full((1, 784), 0.5, np.float32)


def network(*sizes):
    return Network.initialized([*dense(*sizes), OUTPUT], "glorot_uniform", 7)


def serve(page, blob):
    page.route("**/network", lambda route: route.fulfill(body=blob))


def packed(architecture, tensors, dtype="F32"):
    """A file with this architecture and with zeros for tensors of these names and sizes."""
    header, end = {"__metadata__": {"architecture": json.dumps(architecture)}}, 0
    for name, size in tensors.items():
        header[name] = {"dtype": dtype, "shape": [size], "data_offsets": [end, end + 4 * size]}
        end += 4 * size
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + bytes(end)


def layer(units, activation="softmax"):
    return {"type": "dense", "units": units, "activation": activation}


@pytest.mark.parametrize("sizes", [(), (40,), (40, 24)])
def test_the_page_computes_what_the_server_computes(module_page, sizes):
    theirs = network(*sizes)
    serve(module_page, formats.dump(theirs))

    assert np.allclose(module_page.evaluate(PREDICT), theirs.predict(GREY)[0], rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("file", "load"), [("network.safetensors", formats.load), ("shared.safetensors", formats.quantised.load)]
)
def test_the_page_reads_files_of_version_0_4_0(module_page, file, load):
    blob = (Path(__file__).parents[1] / "upgrade" / "0_4_0" / file).read_bytes()
    serve(module_page, blob)

    assert np.allclose(module_page.evaluate(PREDICT), load(blob).predict(GREY)[0], rtol=0, atol=1e-6)


@pytest.mark.parametrize("spaces", range(4))
def test_tensors_may_lie_anywhere_in_the_file(module_page, spaces):
    theirs = network()
    blob = formats.dump(theirs)
    length = int.from_bytes(blob[:8], "little") + spaces
    serve(
        module_page,
        struct.pack("<Q", length)
        + blob[8 : 8 + length - spaces]
        + b" " * spaces
        + blob[8 + length - spaces :],
    )

    assert np.allclose(module_page.evaluate(PREDICT), theirs.predict(GREY)[0], rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("blob", "message"),
    [
        (b"", "not a network, or not the whole of one"),
        (b"<!doctype html><title>Not found</title>", "not a network, or not the whole of one"),
        (formats.dump(network(40))[:-4000], "not a network, or not the whole of one"),
        (packed([{"type": "convolution", "units": 10}], {}), "layer of the type “convolution”"),
        (packed([{"type": "constructor", "units": 10}], {}), "layer of the type “constructor”"),
        (
            packed([layer(10, "swish")], {"0.weight": 7840, "0.bias": 10}),
            "activation “swish”",
        ),
        (packed([layer(10)], {"0.weight": 7840}), "not a network, or not the whole of one"),
        (packed([{"type": "flatten"}], {}), "784 outputs instead of one for each digit"),
        (packed([], {}), "28×28×1 outputs instead of one for each digit"),
        (
            packed([{"type": "max_pooling", "pool_size": 0}, layer(10)], {"1.weight": 10, "1.bias": 10}),
            "not a network, or not the whole of one",
        ),
        (
            packed([layer(10)], {"0.weight": 7840, "0.bias": 10}, "F16"),
            "not made of 32-bit floats",
        ),
        (
            packed([layer(10)], {"0.weight": 7830, "0.bias": 10}),
            "not the weights that its size asks for",
        ),
        (
            packed([layer(9)], {"0.weight": 7056, "0.bias": 9}),
            "9 outputs instead of one for each digit",
        ),
    ],
)
def test_what_is_no_network_is_refused_in_one_line(module_page, blob, message):
    serve(module_page, blob)

    assert message in module_page.evaluate(REFUSAL)
