"""The buttons of the layers: what each does, where the focus goes, and what can be undone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.ml.config.templates import TEMPLATES
from training.runs.forms.layer_edits import chosen_template, edited
from training.runs.forms.layers import LayerList

LAYERS = [{"type": "conv2d"}, {"type": "flatten"}, {"type": "dense", "units": "9x"}]


def kinds(edit):
    return [layer["type"] for layer in edit.typed]


@pytest.mark.parametrize(
    ("action", "expected", "focus"),
    [
        ("add-0-gru", ["gru", "conv2d", "flatten", "dense"], "layer-0"),
        ("add-3-dropout", ["conv2d", "flatten", "dense", "dropout"], "layer-3"),
        ("add-1-batch_normalization", ["conv2d", "batch_normalization", "flatten", "dense"], "layer-1"),
        ("remove-1", ["conv2d", "dense"], "layer-1"),
        ("remove-2", ["conv2d", "flatten"], "layer-2"),
        ("up-2", ["conv2d", "dense", "flatten"], "up-1"),
        ("up-1", ["flatten", "conv2d", "dense"], "down-0"),
        ("down-0", ["flatten", "conv2d", "dense"], "down-1"),
        ("down-1", ["conv2d", "dense", "flatten"], "up-2"),
    ],
)
def test_a_button_changes_the_list_and_keeps_the_focus_near(action, expected, focus):
    edit = edited(LAYERS, action)
    assert kinds(edit) == expected
    assert edit.focus == focus


IMPOSSIBLE = (
    "add add-9-dense add-0-nothing remove-3 remove--1 remove-² up-0 up-7 down-2 template-99 steps-9 undo"
)


@pytest.mark.parametrize("action", ["", *IMPOSSIBLE.split()])
def test_what_cannot_be_done_changes_nothing(action):
    assert edited(LAYERS, action).typed == LAYERS


def test_what_was_typed_is_not_lost_and_the_list_given_is_left_alone():
    before = [dict(layer) for layer in LAYERS]
    assert edited(LAYERS, "up-2").typed[1] == {"type": "dense", "units": "9x"}
    assert before == LAYERS


@pytest.mark.parametrize("action", ["remove-2", "template-0", "template-4"])
def test_what_takes_layers_away_can_be_undone_and_done_again(action):
    edit = edited(LAYERS, action)
    assert edit.said
    back = edited(edit.typed, "undo", edit.before)
    assert back.typed == LAYERS
    assert edited(back.typed, "undo", back.before).typed == edit.typed


@pytest.mark.parametrize("before", ["", "x", "{}", "[1]", "[" * 9999, '"layers"', "null"])
def test_an_undo_of_nonsense_changes_nothing(before):
    assert edited(LAYERS, "undo", before).typed == LAYERS


def test_a_recurrent_layer_is_let_give_every_step():
    edit = edited([{"type": "gru", "units": "12"}, {"type": "lstm"}], "steps-0")
    assert LayerList(edit.typed).is_valid
    assert edit.typed[0]["units"] == "12"


@pytest.mark.parametrize(("number", "title"), list(enumerate(TEMPLATES)))
def test_the_template_that_the_layers_equal_is_known(number, title):
    assert chosen_template(LayerList(edited(LAYERS, f"template-{number}").typed)) == title
    assert chosen_template(LayerList(LAYERS)) == ""
    assert chosen_template(LayerList([{"type": "dense", "units": "7"}])) == ""


@given(st.text(max_size=30), st.text(max_size=60))
def test_no_action_breaks_it(action, before):
    LayerList(edited(LAYERS, action, before).typed)
