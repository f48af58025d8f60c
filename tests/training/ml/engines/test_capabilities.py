"""What an engine can't do is refused in words that name what it can."""

import pytest

from training.ml.config.hyperparameters import Hyperparameters
from training.ml.config.templates import TEMPLATES, dense
from training.ml.engines import ENGINES
from training.ml.engines.capabilities import Capabilities

MODEST = Capabilities(
    layer_types=frozenset({"dense"}),
    activations=frozenset({"relu", "tanh"}),
    has_one_activation=True,
    choices={"optimizer": frozenset({"adam", "sgd"}), "loss": frozenset({"cross_entropy"})},
    lacks=frozenset({"l1", "label_smoothing"}),
)


def problems(**changes: object) -> dict[str, str]:
    return MODEST.problems("Modest", Hyperparameters.from_dict(changes))


def test_what_it_can_do_is_no_problem() -> None:
    assert problems(optimizer="sgd", layers=dense(20, 10, activation="tanh")) == {}


@pytest.mark.parametrize("template", TEMPLATES)
def test_by_default_an_engine_can_do_everything(template: str) -> None:
    hyperparameters = Hyperparameters(
        layers=TEMPLATES[template], optimizer="nadam", loss="hinge", l1=0.1, clip_norm=1
    )

    assert Capabilities().problems("Mighty", hyperparameters) == {}


def test_another_choice_is_refused_with_those_there_are() -> None:
    assert problems(optimizer="adamw") == {"optimizer": "Modest has no AdamW: choose Adam or SGD."}
    assert problems(loss="hinge") == {"loss": "Modest has no Hinge: choose Cross-entropy."}


def test_what_it_lacks_must_be_off() -> None:
    assert problems(l1=0.1, label_smoothing=0.1) == {
        "l1": "Modest has no l1: set it to 0.",
        "label_smoothing": "Modest has no label smoothing: set it to 0.",
    }


def test_what_it_lacks_may_lie_unused() -> None:
    assert list(problems(loss="hinge", label_smoothing=0.1)) == ["loss"]


def test_each_layer_that_it_lacks_is_named() -> None:
    layers = [{"type": "flatten"}, *dense(10), {"type": "dropout"}, *dense(10, activation="gelu")]

    assert problems(layers=layers) == {
        "layers": "Layer 1: Modest has no Flatten: choose Dense. Layer 3: Modest has no Dropout: choose Dense. "
        "Layer 4: Modest has no GELU: choose ReLU or tanh."
    }


def test_two_activations_are_too_many_where_there_is_one() -> None:
    layers = [*dense(10), *dense(10, activation="tanh")]

    assert problems(layers=layers) == {"layers": "Modest has one activation for all layers."}


def test_scikit_learn_declares_what_it_can_do() -> None:
    problems = ENGINES["sklearn"].problems(
        Hyperparameters(layers=TEMPLATES["Keras example CNN"], loss="quadratic")
    )

    assert list(problems) == ["loss", "layers"]
    assert ENGINES["sklearn"].problems(Hyperparameters()) == {}
