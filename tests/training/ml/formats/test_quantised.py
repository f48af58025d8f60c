"""Networks with 8-bit weights: how near they are, and to what bits."""

import numpy as np
import pytest

from digits import datasets
from training import networks
from training.ml import formats
from training.ml.config.architecture import OUTPUT
from training.ml.config.templates import dense
from training.ml.engines import evaluate
from training.ml.formats import quantised
from training.ml.formats.tensors import unpack
from training.ml.nn import Network

LAYERS = [
    {"type": "conv2d", "filters": 5, "kernel_size": 3},
    {"type": "batch_normalization"},
    {"type": "max_pooling", "pool_size": 2},
    {"type": "gru", "units": 7, "return_sequences": True},
    {"type": "lstm", "units": 6},
    *dense(12),
    OUTPUT,
]


@pytest.fixture
def network() -> Network:
    return Network.initialized(LAYERS, "glorot_uniform", 3)


def test_no_weight_is_further_off_than_half_a_step_of_its_output(network: Network) -> None:
    back = quantised.load(quantised.dump(network))

    assert back.layers == network.layers
    for name, tensor in network.tensors.items():
        if tensor.ndim == 1:
            np.testing.assert_array_equal(back.tensors[name], tensor)
            continue
        largest = np.abs(tensor).reshape(-1, tensor.shape[-1]).max(axis=0)
        off = np.abs(back.tensors[name] - tensor).reshape(-1, tensor.shape[-1]).max(axis=0)
        assert (off <= largest / 127 * 0.5001).all(), name


def test_the_largest_weight_of_each_output_is_127(network: Network) -> None:
    tensors, metadata = unpack(quantised.dump(network))

    assert metadata["format"] == "tryml-network/1+int8"
    for name, tensor in tensors.items():
        if tensor.dtype == np.int8:
            assert set(np.abs(tensor).reshape(-1, tensor.shape[-1]).max(axis=0)) == {127}, name


def test_an_output_without_weights_stays_without(network: Network) -> None:
    network.tensors["5.weight"][:, 3] = 0
    network.tensors["5.weight"][:, 4] = 1e-44

    back = quantised.load(quantised.dump(network))

    assert not back.tensors["5.weight"][:, 3:5].any()


def test_the_starter_loses_little_and_shrinks_to_a_fourth() -> None:
    data = networks.starter().data
    test = datasets.load().test
    small = quantised.dump(formats.load(data))

    before, after = (
        evaluate(network, test).accuracy for network in (formats.load(data), quantised.load(small))
    )

    assert len(small) < 0.27 * len(data)
    assert before - after < max(0.002, 1.5 / len(test)), "or one image"
