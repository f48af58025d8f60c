import pytest

from training.ml.config.architecture import OUTPUT, complete, trace
from training.ml.config.templates import TEMPLATES, dense
from training.ml.plots.architecture_diagram import HEIGHT, WIDTH, architecture_diagram


def drawn(*layers):
    return architecture_diagram(trace(complete((*layers, OUTPUT))))


@pytest.mark.parametrize(
    "layers",
    [
        *TEMPLATES.values(),
        dense(*[8] * 24),
        (
            {"type": "conv2d", "filters": 512, "padding": "same"},
            {"type": "lstm", "return_sequences": True},
            {"type": "gru"},
        ),
        ({"type": "average_pooling", "pool_size": 14}, {"type": "flatten"}),
    ],
)
def test_everything_is_inside_the_picture(layers):
    columns = drawn(*layers)
    for column in columns:
        for x, y, side in column.squares:
            assert 0 <= x <= WIDTH - side
            assert 0 <= y <= HEIGHT - side
        for x, y, width in column.bars:
            assert 0 <= x <= WIDTH - width
            assert 0 <= y <= HEIGHT
        assert all(0 < x < WIDTH and 0 < y < HEIGHT for x, y in column.dots)
        assert column.squares or column.bars or column.dots


def test_layers_that_change_no_shape_are_left_out():
    columns = drawn({"type": "batch_normalization"}, {"type": "flatten"}, {"type": "dropout"}, *dense(64, 64))
    assert [column.shape for column in columns] == [(28, 28, 1), (784,), (64,), (64,), (10,)]


def test_more_neurons_are_more_dots_but_never_a_crowd():
    columns = drawn(*dense(10, 4096))
    assert 1 < len(columns[1].dots) < len(columns[2].dots) <= 12


def test_more_channels_are_more_plates_and_smaller_maps_smaller_squares():
    wide, narrow = {"type": "conv2d", "filters": 4}, {"type": "conv2d", "filters": 64, "strides": 4}
    _, first, second, *_ = drawn(wide, narrow, {"type": "flatten"})
    assert len(first.squares) < len(second.squares)
    assert first.squares[0][2] > second.squares[0][2]


def test_neighbours_are_joined_dot_by_dot_and_maps_by_what_they_look_at():
    columns = drawn({"type": "conv2d"}, {"type": "flatten"}, *dense(3))
    assert len(columns.patches) == 1
    flat, three, ten = (len(column.dots) for column in columns[2:])
    assert len(columns.lines) == len(columns[1].right) * flat + flat * three + three * ten


def test_the_layers_are_told_in_words():
    assert (
        drawn(*dense(128)).says
        == "From the image to ten digits: 28×28×1, then a row of 128, then a row of 10."
    )
