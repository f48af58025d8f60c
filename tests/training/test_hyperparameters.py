"""The settings of a training: what is allowed, what is said of the rest, and the way through JSON."""

import json
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.engines import ENGINES
from training.hyperparameters import (
    CHOICES,
    HELP,
    LIMITS,
    SLOTS,
    USED_BY,
    Hyperparameters,
    InvalidHyperparameters,
    Limit,
)
from training.nn import activations, initializers, losses, optimizers

NAMES = [field.name for field in fields(Hyperparameters)]


def test_the_defaults_can_be_trained_with() -> None:
    assert Hyperparameters().problems() == {}
    Hyperparameters().validate()


def test_no_hidden_layer_is_softmax_regression_and_allowed() -> None:
    hyperparameters = Hyperparameters(hidden_layer_sizes=())
    assert hyperparameters.problems() == {}
    assert hyperparameters.layer_sizes == (784, 10)
    assert hyperparameters.parameter_count == 7850


def test_every_field_has_a_help_text_of_one_or_two_lines() -> None:
    assert set(HELP) == set(NAMES)
    assert all(20 < len(text) < 250 and text.endswith(".") for text in HELP.values())


def test_every_number_has_a_limit_and_every_name_a_choice() -> None:
    assert set(LIMITS) | set(CHOICES) == {*NAMES, "hidden_layers", "parameters"}


def test_the_registries_of_functions_have_the_same_names_as_the_choices() -> None:
    assert set(CHOICES["activation"]) == set(activations.ACTIVATIONS)
    assert set(CHOICES["initializer"]) == set(initializers.INITIALIZERS)
    assert set(CHOICES["optimizer"]) == set(optimizers.OPTIMIZERS)
    assert set(CHOICES["loss"]) == set(losses.LOSSES)
    assert {name: len(kind.slot_names) for name, kind in optimizers.OPTIMIZERS.items()} == SLOTS
    assert list(ENGINES) == [engine.name for engine in ENGINES.values()]


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("learning_rate", 0, "Must be more than 0 and at most 10, not 0."),
        ("learning_rate", 10.5, "Must be more than 0 and at most 10, not 10.5."),
        ("learning_rate", float("nan"), "Must be more than 0 and at most 10, not nan."),
        ("learning_rate", float("inf"), "Must be more than 0 and at most 10, not inf."),
        ("learning_rate", "fast", "Must be a number, not 'fast'."),
        ("learning_rate", None, "Must be a number, not None."),
        ("learning_rate", True, "Must be a number, not True."),
        ("momentum", 1.0, "Must be at least 0 and less than 1, not 1.0."),
        ("rho", -0.1, "Must be at least 0 and less than 1, not -0.1."),
        ("beta_1", 1.0, "Must be at least 0 and less than 1, not 1.0."),
        ("beta_2", 2.0, "Must be at least 0 and less than 1, not 2.0."),
        ("epsilon", 0.0, "Must be at least 1e-10 and at most 1, not 0.0."),
        ("batch_size", 0, "Must be at least 1 and at most 8,192, not 0."),
        ("batch_size", 64.0, "Must be a whole number, not 64.0."),
        ("batch_size", 10**400, "Must be at least 1 and at most 8,192, not 100000"),
        ("epochs", 1001, "Must be at least 1 and at most 1,000, not 1,001."),
        ("l2", -1e-9, "Must be at least 0 and at most 1, not -1e-09."),
        ("dropout", 0.95, "Must be at least 0 and less than 0.95, not 0.95."),
        ("validation_split", 0.01, "Must be at least 0.02 and at most 0.5, not 0.01."),
        ("training_images", 99, "Must be at least 100 and at most 60,000, not 99."),
        ("seed", 2**31, "Must be at least 0 and at most 2,147,483,647, not 2,147,483,648."),
        ("activation", "softmax", "Must be one of relu, leaky_relu, elu, gelu, tanh, sigmoid, linear, not"),
        ("optimizer", None, "Must be one of adam, rmsprop, nesterov, momentum, sgd, not None."),
        ("loss", ["quadratic"], "Must be one of cross_entropy, quadratic, not ['quadratic']."),
        ("initializer", "x" * 9999, "Must be one of he_normal, he_uniform,"),
        ("hidden_layer_sizes", (8,) * 11, "At most 10 hidden layers; these are 11."),
        ("hidden_layer_sizes", (128, 9000), "At most 4096 neurons in a layer; layer 2 has 9000."),
        ("hidden_layer_sizes", (0,), "At least 1 neuron in a layer; layer 1 has 0."),
        (
            "hidden_layer_sizes",
            (12.5,),
            "Must be a list of whole numbers, one for each hidden layer, not (12.5,).",
        ),
        (
            "hidden_layer_sizes",
            "128",
            "Must be a list of whole numbers, one for each hidden layer, not '128'.",
        ),
        (
            "hidden_layer_sizes",
            (4096, 4096),
            "At most 20,000,000 weights and biases; this network has 20,037,642.",
        ),
    ],
)
def test_an_impossible_value_is_named_with_its_limit(field: str, value: Any, message: str) -> None:
    problems = replace(Hyperparameters(), **{field: value}).problems()

    assert list(problems) == [field]
    assert problems[field].startswith(message)
    assert len(problems[field]) < 150


def test_validate_raises_all_problems_at_once() -> None:
    with pytest.raises(InvalidHyperparameters, match="epochs: Must be") as caught:
        Hyperparameters(epochs=0, dropout=1.0).validate()

    assert set(caught.value.problems) == {"epochs", "dropout"}


def test_limits_know_their_ends() -> None:
    assert 0 not in Limit(0, 1, excludes_minimum=True)
    assert 1 in Limit(0, 1)
    assert 1 not in Limit(0, 1, excludes_maximum=True)
    assert float("nan") not in Limit(0, 1)
    assert not Limit(0, 1).__contains__("1")


valid = st.builds(
    Hyperparameters,
    hidden_layer_sizes=st.lists(st.integers(1, 900), max_size=10).map(tuple),
    activation=st.sampled_from(list(CHOICES["activation"])),
    optimizer=st.sampled_from(list(CHOICES["optimizer"])),
    learning_rate=st.floats(1e-12, 10),
    epochs=st.integers(1, 1000),
    dropout=st.floats(0, 0.94),
    training_images=st.none() | st.integers(100, 60_000),
)


@given(valid)
def test_hyperparameters_survive_json(hyperparameters: Hyperparameters) -> None:
    assert hyperparameters.problems() == {}
    assert Hyperparameters.from_dict(json.loads(json.dumps(hyperparameters.to_dict()))) == hyperparameters


def test_missing_fields_take_their_defaults_and_unknown_ones_are_refused() -> None:
    assert Hyperparameters.from_dict({"epochs": 7}) == Hyperparameters(epochs=7)
    with pytest.raises(InvalidHyperparameters) as caught:
        Hyperparameters.from_dict({"epoch": 7})
    assert caught.value.problems == {"epoch": "There is no hyperparameter of this name."}


def test_wrong_types_in_a_dict_are_problems_not_crashes() -> None:
    hyperparameters = Hyperparameters.from_dict({"hidden_layer_sizes": 5, "seed": [], "loss": {}})
    assert set(hyperparameters.problems()) == {"hidden_layer_sizes", "seed", "loss"}


def test_parameters_are_weights_and_biases() -> None:
    assert Hyperparameters(hidden_layer_sizes=(128, 64)).parameter_count == 785 * 128 + 129 * 64 + 65 * 10


@pytest.mark.parametrize(
    ("optimizer", "used"),
    [
        ("sgd", set()),
        ("momentum", {"momentum"}),
        ("nesterov", {"momentum"}),
        ("rmsprop", {"rho", "epsilon"}),
        ("adam", {"beta_1", "beta_2", "epsilon"}),
    ],
)
def test_fields_matter_only_for_their_optimisers(optimizer: str, used: set[str]) -> None:
    hyperparameters = Hyperparameters(optimizer=optimizer)
    assert {field for field in USED_BY if hyperparameters.uses(field)} == used
    assert hyperparameters.uses("learning_rate")


def test_differences_name_both_values() -> None:
    mine, theirs = Hyperparameters(epochs=5), Hyperparameters(epochs=15)
    assert mine.differences(theirs) == {"epochs": (5, 15)}
    assert mine.differences(mine) == {}


def test_memory_grows_with_the_network_the_batch_and_the_images() -> None:
    small = Hyperparameters()
    for change in (
        {"hidden_layer_sizes": (512, 512)},
        {"batch_size": 8192},
        {"dropout": 0.5},
    ):
        assert replace(small, **change).memory > small.memory
    assert replace(small, training_images=1000).memory < small.memory
    assert replace(small, optimizer="sgd").memory < small.memory
