"""The settings of a training: what is allowed, what is said of the rest, and the way through JSON."""

import json
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.ml.config.architecture import complete
from training.ml.config.choices import CHOICES, LIMITS, USED_BY
from training.ml.config.help import HELP
from training.ml.config.hyperparameters import Hyperparameters, InvalidHyperparameters
from training.ml.config.layer_types import ACTIVATIONS
from training.ml.config.limits import Limit
from training.ml.config.templates import TEMPLATES, dense
from training.ml.engines import ENGINES
from training.ml.nn import activations, initializers, losses, optimizers
from training.ml.resources.memory import SLOTS

NAMES = [field.name for field in fields(Hyperparameters)]


def test_the_defaults_can_be_trained_with() -> None:
    assert Hyperparameters().problems() == {}
    Hyperparameters().validate()


def test_no_hidden_layer_is_softmax_regression_and_allowed() -> None:
    hyperparameters = Hyperparameters(layers=())
    assert hyperparameters.problems() == {}
    assert hyperparameters.parameter_count == 7850


def test_every_field_has_a_help_text_of_one_or_two_lines() -> None:
    assert set(HELP) == set(NAMES) - {"layers", "learning_rate_changes"}
    assert all(20 < len(text) < 280 and text.endswith(".") for text in HELP.values())


def test_every_number_has_a_limit_and_every_name_a_choice() -> None:
    assert set(LIMITS) | set(CHOICES) == set(NAMES) - {"layers", "learning_rate_changes"}


def test_the_registries_of_functions_have_the_same_names_as_the_choices() -> None:
    assert set(ACTIVATIONS) == set(activations.ACTIVATIONS)
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
        ("validation_split", 0.01, "Must be at least 0.02 and at most 0.5, not 0.01."),
        ("training_images", 99, "Must be at least 100 and at most 240,000, not 99."),
        ("seed", 2**31, "Must be at least 0 and at most 2,147,483,647, not 2,147,483,648."),
        (
            "optimizer",
            None,
            "Must be one of adam, adamw, nadam, rmsprop, adagrad, adadelta, nesterov, momentum, sgd, not None.",
        ),
        ("loss", ["quadratic"], "Must be one of cross_entropy, quadratic, hinge, not ['quadratic']."),
        ("initializer", "x" * 9999, "Must be one of he_normal, he_uniform,"),
        ("patience", 0, "Must be at least 1 and at most 1,000, not 0."),
        ("target_accuracy", 98, "Must be at least 0.1 and at most 1, not 98."),
        ("layers", dense(*[8] * 25), "Layer 25: At most 24 layers; these are 25."),
        ("layers", dense(128, 9000), "Layer 2: Neurons: Must be at least 1 and at most 4,096, not 9,000."),
        ("layers", dense(12.5), "Layer 1: Neurons: Must be a whole number, not 12.5."),
        ("layers", "128", "Layer 1: Must be a list of layers, not ('128', {"),
        (
            "layers",
            dense(4096, 4096),
            "Layer 3: At most 20,000,000 weights and biases; with this layer there are",
        ),
        (
            "layers",
            TEMPLATES["Keras example CNN"][:1],
            "Layer 2: Dense reads one flat row, but 26×26×32 comes in: put",
        ),
    ],
)
def test_an_impossible_value_is_named_with_its_limit(field: str, value: Any, message: str) -> None:
    problems = replace(Hyperparameters(), **{field: value}).problems()

    assert list(problems) == [field]
    assert problems[field].startswith(message)
    assert len(problems[field]) < 190


def test_validate_raises_all_problems_at_once() -> None:
    with pytest.raises(InvalidHyperparameters, match="epochs: Must be") as caught:
        Hyperparameters(epochs=0, l1=2.0).validate()

    assert set(caught.value.problems) == {"epochs", "l1"}


def test_limits_know_their_ends() -> None:
    assert 0 not in Limit(0, 1, excludes_minimum=True)
    assert 1 in Limit(0, 1)
    assert 1 not in Limit(0, 1, excludes_maximum=True)
    assert float("nan") not in Limit(0, 1)
    assert not Limit(0, 1).__contains__("1")


valid = st.builds(
    Hyperparameters,
    layers=st.lists(st.integers(1, 900), max_size=10).map(lambda sizes: dense(*sizes))
    | st.sampled_from(list(TEMPLATES.values())),
    optimizer=st.sampled_from(list(CHOICES["optimizer"])),
    learning_rate=st.floats(1e-12, 10),
    epochs=st.integers(1, 1000),
    patience=st.none() | st.integers(1, 9),
    learning_rate_changes=st.lists(st.tuples(st.integers(0, 99), st.floats(0.001, 1)), max_size=2).map(tuple),
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
    hyperparameters = Hyperparameters.from_dict({"layers": 5, "seed": [], "loss": {}})
    assert set(hyperparameters.problems()) == {"layers", "seed", "loss"}


def test_sizes_of_dense_layers_are_short_for_layers() -> None:
    short = {"hidden_layer_sizes": [30, 20], "activation": "tanh", "dropout": 0.1}
    assert Hyperparameters.from_dict(short).layers == complete(dense(30, 20, activation="tanh", dropout=0.1))
    assert Hyperparameters.from_dict({"dropout": 0.5}).layers == complete(dense(128, 64, dropout=0.5))
    with pytest.raises(InvalidHyperparameters, match="hidden_layer_sizes: Must be a list of sizes, not 5"):
        Hyperparameters.from_dict({"hidden_layer_sizes": 5})
    with pytest.raises(InvalidHyperparameters, match="activation: There is no hyperparameter"):
        Hyperparameters.from_dict({"layers": [], "activation": "tanh"})


def test_parameters_are_weights_and_biases() -> None:
    assert Hyperparameters(layers=dense(128, 64)).parameter_count == 785 * 128 + 129 * 64 + 65 * 10


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
    read = {name for name, (by, _) in USED_BY.items() if by == "optimizer" and hyperparameters.uses(name)}
    assert read == used
    assert hyperparameters.uses("learning_rate")


def test_differences_name_both_values() -> None:
    mine, theirs = Hyperparameters(epochs=5), Hyperparameters(epochs=15)
    assert mine.differences(theirs) == {"epochs": (5, 15)}
    assert mine.differences(mine) == {}
