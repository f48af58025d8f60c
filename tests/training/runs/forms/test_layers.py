"""Layers as they are typed: read from a POST, judged one by one, with remedies."""

import pytest
from django.http import QueryDict

from training.ml.config.architecture import complete
from training.ml.config.layer_types import LAYER_TYPES
from training.ml.config.templates import TEMPLATES, dense
from training.runs.forms.layers import LayerList, posted


def query(**values):
    data = QueryDict(mutable=True)
    data.update({name.replace("__", "-"): value for name, value in values.items()})
    return data


def test_layers_come_in_the_order_of_the_post():
    data = QueryDict(
        "layer-7-type=flatten&layer-2-type=dense&layer-2-units=12&layer-7-x=1&layer-output-type=dense"
    )
    assert posted(data) == [{"type": "flatten", "x": "1"}, {"type": "dense", "units": "12"}]


def test_a_page_without_hidden_layers_has_none_and_a_script_that_says_nothing_leaves_it_open():
    assert posted(QueryDict("layer-output-type=dense")) == []
    assert posted(QueryDict("epochs=3")) is None


@pytest.mark.parametrize(
    ("text", "specs"),
    [
        ("hidden_layer_sizes=128, 64", dense(128, 64)),
        ("hidden_layer_sizes=32;16&activation=tanh", dense(32, 16, activation="tanh")),
        ("hidden_layer_sizes=32&dropout=0.2", dense(32, dropout=0.2)),
        ("hidden_layer_sizes=&dropout=0.0", ()),
        ("activation=elu", dense(128, 64, activation="elu")),
    ],
)
def test_a_script_may_send_sizes_alone(text, specs):
    assert LayerList(posted(QueryDict(text)) or []).specs == specs


@pytest.mark.parametrize("title", TEMPLATES)
def test_every_template_is_valid_and_goes_through_the_form_unchanged(title):
    layers = LayerList(TEMPLATES[title])
    assert layers.is_valid
    assert layers.specs == complete(TEMPLATES[title])
    assert [card.gives for card in layers.cards[-1:]] == ["a row of 10"]


@pytest.mark.parametrize("kind", LAYER_TYPES)
def test_every_type_starts_with_its_defaults(kind):
    (form,) = LayerList([{"type": kind}]).forms
    assert form.is_valid()
    assert form.spec == complete([{"type": kind}])[0]


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("many", "Enter a whole number."),
        ("", "This field is required."),
        ("0", "Must be at least 1 and at most 4,096, not 0."),
        ("1.5", "Enter a whole number."),
        ("1e400", "Enter a whole number."),
    ],
)
def test_a_mistake_is_beside_its_field_and_what_was_typed_stays(typed, message):
    layers = LayerList([{"type": "conv2d"}, {"type": "flatten"}, {"type": "dense", "units": typed}])
    assert not layers.is_valid
    wrong = layers.cards[2].form
    assert wrong.errors == {"units": [message]}
    assert wrong["units"].value() == typed
    assert [card.gives for card in layers.cards] == ["26×26×32", "a row of 21,632", "", ""]


def test_a_type_that_does_not_exist_is_refused_where_it_stands():
    layers = LayerList([{"type": "dense"}, {"type": "<b>"}])
    assert not layers.is_valid
    assert "no layer of this type" in str(layers.forms[1].errors)


@pytest.mark.parametrize(
    ("kinds", "position", "says", "does"),
    [
        (["conv2d", "dense"], 1, "Put Flatten before it", "add-1-flatten"),
        (["conv2d"], 1, "Put Flatten before it", "add-1-flatten"),
        (["conv2d", "flatten", "max_pooling"], 2, "Remove Flatten (layer 2)", "remove-1"),
        (["gru", "lstm"], 1, "Let GRU (layer 1) give every step", "steps-0"),
    ],
)
def test_a_shape_that_does_not_fit_is_shown_at_the_layer_with_a_remedy(kinds, position, says, does):
    layers = LayerList([{"type": kind} for kind in kinds])
    assert list(layers.problems) == [position]
    assert layers.cards[position].remedy == (says, does)
    assert not any(card.problem for card in layers.cards if card.position != position)


def test_what_no_small_change_mends_has_no_remedy():
    layers = LayerList([{"type": "max_pooling", "pool_size": "14"}, {"type": "conv2d"}])
    assert "doesn't fit" in layers.cards[1].problem
    assert layers.cards[1].remedy is None


def test_more_layers_than_there_may_be_are_refused_and_all_kept():
    layers = LayerList([{"type": "activation"}] * 30)
    assert len(layers.cards) == 31
    assert list(layers.problems) == [24]
    assert "At most 24 layers" in layers.problems[24]
