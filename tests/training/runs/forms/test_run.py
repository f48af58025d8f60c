"""The form of a new run: from text to hyperparameters, engine, dataset and initial network."""

import uuid

import pytest
from django.http import QueryDict

from training.estimates.estimate import estimate
from training.estimates.quotas import refused
from training.ml import nn
from training.ml.config.help import HELP
from training.ml.config.hyperparameters import Hyperparameters
from training.ml.config.layer_types import LAYER_TYPES
from training.ml.config.templates import TEMPLATES, dense
from training.ml.engines import ENGINES
from training.models import Network
from training.runs.forms import RunForm
from training.runs.forms.augmentation import AUGMENTATION_PRESETS, chosen_preset
from training.runs.forms.fields import plain

FILLED = {
    "optimizer": "nesterov",
    "learning_rate": "0.05",
    "schedule": "cosine",
    "final_share": "0.01",
    "warmup_epochs": "1",
    "clip_norm": "1",
    "label_smoothing": "0.1",
    "augment_rotate": "12",
    "class_balance": "balanced",
    "epochs": "7",
    "max_seconds": "60",
    "target_accuracy": "0.98",
    "patience": "",
    "initializer": "orthogonal",
}


def filled(**changes: str) -> QueryDict:
    """What the page sends: all fields, as text."""
    usual = Hyperparameters().to_dict()
    data = QueryDict(mutable=True)
    for name in HELP:
        value = usual[name]
        data[name] = "" if value is None else plain(value) if isinstance(value, float) else str(value)
    data.update({"experiment": "First steps", "token": str(uuid.uuid4()), "layer-output-type": "dense"})
    data.update(changes)
    return data


def with_layers(data: QueryDict, layers) -> QueryDict:
    for i, layer in enumerate(layers):
        for name, value in layer.items():
            if value is not False:  # as browsers do
                data[f"layer-{i}-{name}"] = "on" if value is True else str(value)
    return data


def test_what_was_filled_in_becomes_hyperparameters(owner):
    form = RunForm(with_layers(filled(**FILLED), TEMPLATES["Keras example CNN"]), user=owner)
    assert form.is_valid(), form.errors
    made = form.hyperparameters
    assert [layer["type"] for layer in made.layers] == [
        *("conv2d", "max_pooling", "conv2d", "max_pooling", "flatten", "dropout"),
    ]
    assert (made.optimizer, made.learning_rate, made.schedule, made.epochs) == ("nesterov", 0.05, "cosine", 7)
    assert (made.max_seconds, made.target_accuracy, made.patience) == (60, 0.98, None)
    assert made.augment_rotate == 12
    assert made.problems() == {}
    assert form.cleaned_data["engine"] == "numpy"
    assert form.cleaned_data["initial_network"] is None


@pytest.mark.parametrize(
    "hyperparameters",
    [
        Hyperparameters(),
        Hyperparameters(layers=()),
        Hyperparameters(layers=TEMPLATES["LeNet-like CNN"], learning_rate=0.00123456789, epsilon=1e-10),
        Hyperparameters(layers=({"type": "gru", "units": 8, "return_sequences": True}, {"type": "lstm"})),
        Hyperparameters(augment_shift=1.23, training_images=500, patience=3, monitor="val_accuracy"),
    ],
)
def test_a_run_goes_through_the_page_and_comes_back_as_it_was(owner, hyperparameters):
    page = RunForm(initial=hyperparameters.to_dict(), user=owner)
    sent = filled(**{field.name: str(field.value() if field.value() is not None else "") for field in page})
    form = RunForm(with_layers(sent, [f.spec for f in page.layers.forms]), user=owner)
    assert form.is_valid(), form.errors
    assert form.hyperparameters.architecture == hyperparameters.architecture
    for name in HELP:
        assert getattr(form.hyperparameters, name) == getattr(hyperparameters, name), name


def test_layers_that_cannot_be_make_the_form_invalid_and_keep_the_rest(owner):
    form = RunForm(with_layers(filled(epochs="9"), [{"type": "conv2d"}]), user=owner)
    assert not form.is_valid()
    assert not hasattr(form, "hyperparameters")
    assert form.candidate.epochs == 9
    assert form.estimate is None
    assert form.wrong_places == [("layer-1", "Output")]


def test_each_mistake_is_at_its_place(owner):
    data = with_layers(filled(learning_rate="fast", epochs="0"), [{"type": "dense", "units": "x"}])
    form = RunForm(data, user=owner)
    assert not form.is_valid()
    places = [("layer-0", "Layer 1"), ("id_learning_rate", "Learning rate"), ("id_epochs", "Epochs")]
    assert form.wrong_places == places
    assert form.general_problems == []


def test_too_large_a_training_is_refused_with_both_numbers(owner):
    hyperparameters = Hyperparameters(layers=TEMPLATES["Keras example CNN"], batch_size=8192)
    assert "4.0\xa0GB" in refused(estimate(hyperparameters, 60_000))
    form = RunForm(with_layers(filled(batch_size="8192"), hyperparameters.layers), user=owner)
    assert not form.is_valid()
    assert form.general_problems[0].startswith("This training would take about")
    assert refused(estimate(Hyperparameters(), 60_000)) == ""


@pytest.fixture
def network(owner):
    made = nn.Network.initialized((*dense(12), *dense(10, activation="softmax")), "he_normal", 0)
    return Network.objects.create(owner=owner, **Network.contents(made, "Mine"))


def test_a_run_that_starts_from_a_network_has_its_layers(owner, network):
    data = with_layers(filled(initial_network=str(network.pk)), dense(99))
    form = RunForm(data, user=owner)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["initial_network"] == network
    assert form.hyperparameters.layers == dense(12)
    assert form.layers.is_fixed
    assert [layer["units"] for layer in form.edit.typed] == ["99"], (
        "kept for when new weights are chosen again"
    )


def test_nobody_starts_from_anothers_network(stranger, network):
    form = RunForm(filled(initial_network=str(network.pk)), user=stranger)
    assert not form.is_valid()
    assert "initial_network" in form.errors
    assert not form.layers.is_fixed


@pytest.mark.parametrize("engine", ["nothing", "x" * 50])
def test_an_engine_that_does_not_exist_is_refused(owner, engine):
    assert "engine" in RunForm(filled(engine=engine), user=owner).errors


class Narrow:
    """An engine that has no convolutions, and isn't there at all when `missing`."""

    label = "Narrow"
    footprint = 0
    missing = ""

    def problems(self, hyperparameters):
        has = any(layer["type"] == "conv2d" for layer in hyperparameters.layers)
        return {"layers": "Narrow has no convolutions."} | {"l1": "Narrow has no L1."} if has else {}


def test_what_the_engine_cannot_do_is_said(owner, monkeypatch):
    monkeypatch.setitem(ENGINES, "narrow", Narrow())
    form = RunForm(with_layers(filled(engine="narrow"), TEMPLATES["Keras example CNN"]), user=owner)
    assert not form.is_valid()
    assert form.errors["l1"] == ["Narrow has no L1."]
    assert form.general_problems == ["Narrow has no convolutions."]
    assert RunForm(with_layers(filled(engine="narrow"), dense(16)), user=owner).is_valid()


def test_an_engine_that_is_missing_says_how_to_install_it(owner, monkeypatch):
    missing = Narrow()
    missing.missing = "pip install '.[narrow]'"
    monkeypatch.setitem(ENGINES, "narrow", missing)
    form = RunForm(filled(engine="narrow"), user=owner)
    assert "pip install '.[narrow]'" in form.errors["engine"][0]
    assert [option.missing for option in form.engines if option.key == "narrow"] == [
        "pip install '.[narrow]'"
    ]


def test_a_dataset_that_does_not_exist_is_refused(owner):
    assert "dataset" in RunForm(filled(dataset="own-1"), user=owner).errors


@pytest.mark.parametrize("preset", AUGMENTATION_PRESETS)
def test_a_preset_sets_all_amounts_and_only_those(owner, preset):
    form = RunForm(filled(augment=preset, augment_noise="0.3", epochs="11"), user=owner)
    assert form.is_valid(), form.errors
    assert form.is_edit
    assert [name for name, _, is_chosen in form.presets if is_chosen] == [preset]
    assert form["epochs"].value() == "11"


def test_amounts_of_ones_own_are_no_preset():
    assert chosen_preset({**AUGMENTATION_PRESETS["light"][1], "augment_noise": 0.1}) == ""


def test_a_slider_does_not_round_what_it_was_given(owner):
    form = RunForm(initial={"augment_shift": 1.23}, user=owner)
    assert form.fields["augment_shift"].widget.attrs["step"] == "any"
    assert form.fields["augment_shift"].widget.says == "± 1.23 px"


def test_the_page_knows_which_fields_count(owner):
    form = RunForm(user=owner)
    assert form.fields["rho"].widget.attrs["data-used-by"] == "optimizer"
    assert form.fields["rho"].widget.attrs["data-used-with"] == "adadelta rmsprop"
    shown = [field.name for group in form.groups for field in (*group["fields"], *group["folded"])]
    assert sorted(shown) == sorted([*HELP, "dataset"]), "each field once"


def test_the_menu_says_in_short_what_each_layer_does(owner):
    types = RunForm(user=owner).layer_types
    assert [name for name, _, _ in types] == list(LAYER_TYPES)
    assert all(brief and len(brief) < 100 for _, _, brief in types)


@pytest.mark.parametrize(
    ("number", "text"), [(0.001, "0.001"), (1e-7, "1e-7"), (0.00123456789, "0.00123456789"), (5.0, "5")]
)
def test_numbers_are_written_short_and_exactly(number, text):
    assert plain(number) == text
    assert float(text) == number
