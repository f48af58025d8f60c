import numpy as np
import pytest

from digits import datasets
from training.ml import formats
from training.ml.config.architecture import OUTPUT
from training.ml.config.layer_types import ACTIVATIONS
from training.ml.config.templates import TEMPLATES, dense
from training.ml.nn import Network

PREDICT = """
async (images) => {
  const { Network } = await import("/js/network/network.js");
  const network = Network.fromBytes(await (await fetch("/network")).arrayBuffer());
  return images.map((image) => {
    const { probabilities, layers, states } = network.predict(Float32Array.from(image));
    return {
      probabilities: [...probabilities],
      layers: layers.map((layer) => [...layer]),
      states: states.map((of) => of && [...of]),
    };
  });
}
"""
RNG = np.random.default_rng(7)
NORMALIZE = {"type": "batch_normalization"}
FLATTEN = {"type": "flatten"}


def convolution(filters, size, **more):
    return {"type": "conv2d", "filters": filters, "kernel_size": size, **more}


def pool(kind, size):
    return {"type": f"{kind}_pooling", "pool_size": size}


def activation(name):
    return {"type": "activation", "activation": name}


def recurrent(kind, units, *, sequences=False, **more):
    return {"type": kind, "units": units, "return_sequences": sequences, **more}


def network(*hidden):
    """A network whose neurons work over their whole range, and no two tensors of which are alike."""
    made = Network.initialized([*hidden, OUTPUT], "glorot_uniform", 7)
    for name, tensor in made.tensors.items():
        if tensor.ndim == 1:
            tensor += RNG.normal(0, 0.5, tensor.shape)
        if name.endswith("variance"):
            tensor[...] = np.abs(tensor)
    return made


def images(count=8):
    return (datasets.load().test.images[:count].reshape(count, 784) / 255).astype(np.float32)


def answers(page, theirs, some):
    page.route("**/network", lambda route: route.fulfill(body=formats.dump(theirs)))
    return page.evaluate(PREDICT, some.tolist())


def check(page, theirs, some):
    """Every layer of the page's answers is what the server computes; returns these answers."""
    results = answers(page, theirs, some)
    for image, probabilities, result in zip(some, theirs.predict(some), results, strict=True):
        assert np.allclose(result["probabilities"], probabilities, rtol=0, atol=1e-5)
        for ours, expected in zip(result["layers"], theirs.activations(image), strict=True):
            assert np.allclose(ours, expected.ravel(), rtol=1e-5, atol=1e-5)
    return results


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_is_computed_in_a_layer_and_by_itself_along_the_last_axis(module_page, name):
    check(
        module_page,
        network(
            convolution(5, 4, strides=3, activation=name),
            activation(name),
            FLATTEN,
            *dense(20, activation=name),
        ),
        images(),
    )


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("strides", [1, 2, 3])
@pytest.mark.parametrize("size", [1, 2, 5])
def test_convolutions_have_any_size_stride_and_edges(module_page, size, strides, padding):
    options = {"strides": strides, "padding": padding, "activation": "tanh"}
    check(
        module_page,
        network(convolution(3, size, **options), convolution(6, size, **options), FLATTEN),
        images(3),
    )


@pytest.mark.parametrize("kind", ["max", "average"])
@pytest.mark.parametrize("size", [2, 3, 5])
def test_pooling_drops_the_edge_that_fills_no_window(module_page, kind, size):
    check(module_page, network(convolution(4, 3, activation="linear"), pool(kind, size), FLATTEN), images(3))


def test_normalisation_takes_the_statistics_of_the_training(module_page):
    check(
        module_page,
        network(NORMALIZE, convolution(4, 3, activation="linear"), NORMALIZE, FLATTEN, *dense(9), NORMALIZE),
        images(3),
    )


@pytest.mark.parametrize("kind", ["simple_rnn", "gru", "lstm"])
def test_recurrent_layers_read_images_maps_and_sequences(module_page, kind):
    check(
        module_page,
        network(
            convolution(3, 5, strides=2),
            recurrent(kind, 13, sequences=True),
            recurrent(kind, 11, sequences=True),
            recurrent(kind, 7),
        ),
        images(3),
    )


def test_a_simple_rnn_has_the_activation_it_asks_for(module_page):
    check(
        module_page,
        network(
            recurrent("simple_rnn", 9, activation="softmax", sequences=True),
            recurrent("simple_rnn", 7, activation="leaky_relu"),
        ),
        images(3),
    )


def test_a_recurrent_layer_tells_its_state_after_each_step(module_page):
    theirs = network(recurrent("gru", 6, sequences=True), recurrent("lstm", 5))

    (result,) = check(module_page, theirs, images(1))

    assert result["states"][0] == result["layers"][0]
    assert np.shape(result["states"][1]) == (28 * 5,)
    assert result["states"][1][-5:] == result["layers"][1]
    assert result["states"][2] is None


def test_an_answer_does_not_depend_on_those_before_it(module_page):
    theirs = network(convolution(4, 3), pool("max", 2), recurrent("lstm", 8))
    some = images(2)

    first, _, again = answers(module_page, theirs, some[[0, 1, 0]])

    assert again == first


def test_dropout_lets_everything_through(module_page):
    check(
        module_page,
        network(
            recurrent("gru", 6, sequences=True),
            {"type": "dropout", "rate": 0.9},
            FLATTEN,
            *dense(12, dropout=0.5),
        ),
        images(3),
    )


@pytest.mark.parametrize("title", TEMPLATES)
def test_every_template_is_computed_as_on_the_server(module_page, title):
    check(module_page, network(*TEMPLATES[title]), images())
