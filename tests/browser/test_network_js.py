import json
import struct

import numpy as np
import pytest

from training import formats
from training.hyperparameters import ACTIVATIONS, Hyperparameters
from training.nn import Network

PREDICT = """
async (images) => {
  const { Network } = await import("/js/network.js");
  const network = Network.fromBytes(await (await fetch("/network")).arrayBuffer());
  return images.map((image) => {
    const { probabilities, layers } = network.predict(Float32Array.from(image));
    return { probabilities: [...probabilities], layers: layers.map((layer) => [...layer]) };
  });
}
"""
REFUSAL = """
async () => {
  const { Network, NetworkError } = await import("/js/network.js");
  try {
    Network.fromBytes(await (await fetch("/network")).arrayBuffer());
  } catch (error) {
    return error instanceof NetworkError ? error.message : `not a NetworkError: ${error}`;
  }
}
"""
RNG = np.random.default_rng(7)


def network(activation="relu", sizes=(40, 24)):
    """A network whose neurons work over their whole range."""
    hyperparameters = Hyperparameters(hidden_layer_sizes=sizes, activation=activation)
    made = Network.for_hyperparameters(hyperparameters)
    made.parameters *= 2
    for name, tensor in made.tensors.items():
        if name.endswith("bias"):
            tensor[...] = RNG.normal(0, 1, tensor.shape)
    return made


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


def dense(units, activation):
    return {"type": "dense", "units": units, "activation": activation}


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_page_computes_what_the_server_computes(module_page, activation):
    theirs = network(activation)
    images = (RNG.random((5, 784)) * (RNG.random((5, 784)) < 0.3)).astype(np.float32)
    serve(module_page, formats.dump(theirs))

    results = module_page.evaluate(PREDICT, images.tolist())

    expected = theirs.predict(images)
    for image, probabilities, result in zip(images, expected, results, strict=True):
        assert np.allclose(result["probabilities"], probabilities, rtol=0, atol=1e-5)
        for ours, theirs_here in zip(result["layers"], theirs.activations(image), strict=True):
            assert np.allclose(ours, theirs_here, rtol=1e-5, atol=1e-5)


def test_a_network_without_hidden_layers_is_computed(module_page):
    theirs = network(sizes=())
    serve(module_page, formats.dump(theirs))

    (result,) = module_page.evaluate(PREDICT, [[0.5] * 784])

    assert np.allclose(
        result["probabilities"], theirs.predict(np.full((1, 784), 0.5, np.float32))[0], atol=1e-5
    )


@pytest.mark.parametrize(
    ("blob", "message"),
    [
        (b"", "not a network, or not the whole of one"),
        (b"<!doctype html><title>Not found</title>", "not a network, or not the whole of one"),
        (formats.dump(network())[:-4000], "not a network, or not the whole of one"),
        (packed([{"type": "convolution", "units": 10}], {}), "layer of the type “convolution”"),
        (packed([dense(10, "swish")], {}), "activation “swish”"),
        (
            packed([dense(10, "softmax")], {"0.weight": 7840, "0.bias": 10}, "F16"),
            "not made of 32-bit floats",
        ),
        (
            packed([dense(10, "softmax")], {"0.weight": 7830, "0.bias": 10}),
            "not the weights that its size asks for",
        ),
        (
            packed([dense(9, "softmax")], {"0.weight": 7056, "0.bias": 9}),
            "9 outputs instead of one for each digit",
        ),
    ],
)
def test_what_is_no_network_is_refused_in_one_line(module_page, blob, message):
    serve(module_page, blob)

    assert message in module_page.evaluate(REFUSAL)
