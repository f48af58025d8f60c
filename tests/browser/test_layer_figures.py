import numpy as np
import pytest

from training.ml import formats
from training.ml.config.architecture import OUTPUT
from training.ml.config.templates import dense
from training.ml.nn import Network

SHOW = """
async () => {
  const { Network } = await import("/js/network/network.js");
  const { LayerFigures, sizes } = await import("/js/inspection/layer_figures.js");
  document.body.innerHTML = "<div style='width: 340px'></div><p></p>";
  const [place, legend] = document.body.children;
  for (const [name, colour] of Object.entries(COLOURS)) place.style.setProperty(`--${name}`, colour);
  const figures = new LayerFigures(place, legend);
  const network = Network.fromBytes(await (await fetch("/network")).arrayBuffer());
  figures.introduce(network.layers);
  const read = () =>
    [...place.querySelectorAll("figure")].map((figure) => {
      const canvas = figure.querySelector("canvas");
      const { width, height } = canvas;
      const row = (y) => [...canvas.getContext("2d").getImageData(0, y, width, 1).data];
      const caption = [...figure.firstChild.childNodes].map((node) => node.textContent);
      return { caption, width, height, first: row(0), last: row(height - 1) };
    });
  figures.paint(null);
  const empty = read();
  figures.paint(network.predict(new Float32Array(784)));
  return { sizes: sizes(network.layers), legend: legend.textContent, empty, full: read() };
}
"""
COLOURS = {"line": "#010203", "negative": "#f59322", "zero": "#e8eaeb", "positive": "#0877bd"}
LIGHT = "black 0, white the strongest of its layer"
SIGNED = "orange negative, grey 0, blue positive, up to the strongest of its layer"


def convolution(filters, **more):
    return {"type": "conv2d", "filters": filters, "kernel_size": 3, **more}


def pool(size):
    return {"type": "max_pooling", "pool_size": size}


def gru(units, *, sequences=False):
    return {"type": "gru", "units": units, "return_sequences": sequences}


def show(page, *hidden, **biases):
    """What the page shows of a network without weights, with these biases by number of the layer."""
    network = Network.initialized([*hidden, OUTPUT], "zeros", 0)
    for layer, values in biases.items():
        network.tensors[f"{layer[1:]}.bias"][: len(values)] = values
    page.goto(page.url.replace("icon.svg", "blank"))
    page.route("**/network", lambda route: route.fulfill(body=formats.dump(network)))
    return page.evaluate(SHOW.replace("COLOURS", repr(COLOURS)))


@pytest.fixture
def blank_page(module_page):
    module_page.route(
        "**/blank", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html")
    )
    return module_page


def colours(row):
    """The colours in a row of pixels, from left to right, each as often as it changes."""
    seen = [tuple(pixel[:3]) for pixel in np.reshape(row, (-1, 4)).tolist() if pixel[3]]
    return [colour for i, colour in enumerate(seen) if i == 0 or colour != seen[i - 1]]


def captions(shown):
    return [figure["caption"] for figure in shown["full"]]


def test_layers_between_image_and_answer_are_shown_with_their_sizes(blank_page):
    shown = show(
        blank_page,
        convolution(64),
        pool(2),
        convolution(6),
        {"type": "average_pooling", "pool_size": 2},
        gru(5, sequences=True),
        {"type": "dropout", "rate": 0.5},
        gru(9),
        *dense(2000),
        *dense(3, activation="tanh"),
    )

    assert captions(shown) == [
        ["Convolution 1", "32 of 64 maps of 26×26"],
        ["Max pooling", "32 of 64 maps of 13×13"],
        ["Convolution 2", "6 maps of 11×11"],
        ["Average pooling", "6 maps of 5×5"],
        ["GRU 1", "5 steps, 5 neurons"],
        ["GRU 2", "5 steps, 9 neurons"],
        ["Dense 1", "0 of 2,000 active, 1,024 shown"],
        ["Dense 2", "3 neurons"],
    ]
    assert shown["sizes"].replace("\u00a0", " ") == (
        "28×28 → 26×26×64 → 13×13×64 → 11×11×6 → 5×5×6 → 5×5 → 9 → 2000 → 3 → 10"
    )
    assert shown["legend"] == (
        "Each small picture is what one filter found. "
        "Rows are steps, from the top of the image to its bottom, and columns neurons. Each cell is a neuron. "
        f"B{LIGHT[1:]}; where numbers can be negative, {SIGNED}."
    )
    assert all(figure["width"] <= 340 and figure["height"] <= 100 for figure in shown["full"])


def test_dense_layers_by_themselves_are_the_hidden_layers(blank_page):
    shown = show(blank_page, *dense(12), *dense(8), b0=[1, 0, 2])

    assert captions(shown) == [["Hidden layer 1", "2 of 12 active"], ["Hidden layer 2", "0 of 8 active"]]
    assert shown["sizes"].replace("\u00a0", " ") == "784 → 12 → 8 → 10"
    assert shown["legend"] == f"Each cell is a neuron: {LIGHT}."


def test_without_hidden_layers_there_is_nothing_to_explain(blank_page):
    shown = show(blank_page)

    assert shown["full"] == []
    assert shown["legend"] == ""


@pytest.mark.parametrize("hidden", [dense(4), [convolution(4)]])
def test_what_cannot_be_negative_goes_from_black_to_white(blank_page, hidden):
    shown = show(blank_page, *hidden, {"type": "flatten"}, b0=[2, 1, 0, 2])

    assert colours(shown["full"][0]["first"]) == [
        (255, 255, 255),
        (128, 128, 128),
        (0, 0, 0),
        (255, 255, 255),
    ]


@pytest.mark.parametrize("hidden", [dense(3, activation="linear"), [convolution(3, activation="linear")]])
def test_what_can_be_negative_goes_from_orange_over_grey_to_blue(blank_page, hidden):
    shown = show(blank_page, *hidden, {"type": "flatten"}, b0=[-2, 0, 2])

    assert colours(shown["full"][0]["first"]) == [(245, 147, 34), (232, 234, 235), (8, 119, 189)]
    assert SIGNED in shown["legend"]


def test_a_layer_is_shown_as_normalisation_and_activation_leave_it(blank_page):
    bent = [{"type": "batch_normalization"}, {"type": "activation", "activation": "relu"}]
    shown = show(blank_page, convolution(3, activation="linear"), *bent, {"type": "flatten"}, b0=[-2, 1, 2])

    assert captions(shown) == [["Convolution", "3 maps of 26×26"]]
    assert colours(shown["full"][0]["first"]) == [(0, 0, 0), (128, 128, 128), (255, 255, 255)]


def test_pooling_keeps_the_colours_of_what_it_reads(blank_page):
    shown = show(blank_page, convolution(2, activation="tanh"), pool(2), {"type": "flatten"}, b0=[-9, 9])

    assert [colours(figure["first"]) for figure in shown["full"]] == 2 * [[(245, 147, 34), (8, 119, 189)]]


def test_steps_go_downwards_and_neurons_to_the_right(blank_page):
    shown = show(blank_page, gru(2), b0=[0, 0, 0, 0, -9, 9])

    (picture,) = shown["full"]
    assert not {*colours(picture["first"])} & {(245, 147, 34), (8, 119, 189)}
    assert colours(picture["last"]) == [(245, 147, 34), (8, 119, 189)]  # its state is strongest at the end


def test_without_a_drawing_all_cells_are_empty(blank_page):
    shown = show(blank_page, convolution(4), gru(4, sequences=True), gru(4), *dense(4))

    assert {colour for figure in shown["empty"] for colour in colours(figure["first"])} == {(1, 2, 3)}
