"""The form of all hyperparameters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import cached_property

from training.ml.config.choices import CHOICES, INTEGERS, LIMITS, OPTIONAL, USED_BY
from training.ml.config.help import HELP
from training.ml.config.hyperparameters import Hyperparameters
from training.ml.config.layer_types import LAYER_TYPES
from training.ml.config.templates import TEMPLATES
from training.runs.forms import augmentation
from training.runs.forms.fields import Slider, choice_field, number_field, plain
from training.runs.forms.layer_edits import Edited, chosen_template, edited
from training.runs.forms.layers import LayerList, posted

FIELD_NAMES = (*CHOICES, *LIMITS)
LABELS = {
    "initializer": "Initial weights",
    "optimizer": "Optimiser",
    "rho": "Rho",
    "beta_1": "Beta 1",
    "beta_2": "Beta 2",
    "decay_rate": "Factor",
    "decay_epochs": "Each … epochs",
    "final_share": "Ends at, as a share",
    "warmup_epochs": "Warm-up epochs",
    "l1": "L1",
    "l2": "L2",
    "clip_norm": "Gradient clipping",
    "augment_shift": "Shift",
    "augment_rotate": "Rotate",
    "augment_scale": "Scale",
    "augment_shear": "Shear",
    "augment_stroke": "Stroke width",
    "augment_elastic": "Elastic",
    "augment_noise": "Noise",
    "max_seconds": "Seconds",
    "patience": "Patience, in epochs",
    "monitor": "Better means",
}
PLACEHOLDERS = {"max_seconds": "no limit", "target_accuracy": "none", "patience": "never"}
# Names of buttons that change the form and show it again, instead of submitting it.
EDITS = frozenset({"layers", "augment", "chance"})


@dataclass(frozen=True)
class Group:
    """A group of fields: `shown` ones are always visible, `folded` ones only when opened."""

    key: str
    title: str
    shown: tuple[str, ...]
    folded: tuple[str, ...] = ()


GROUPS = (
    Group("network", "Network", ("initializer",)),
    Group(
        "learning",
        "Learning",
        (
            *("optimizer", "learning_rate", "batch_size", "loss"),
            *("schedule", "decay_rate", "decay_epochs", "power", "final_share"),
        ),
        (
            *("momentum", "rho", "beta_1", "beta_2", "epsilon", "weight_decay"),
            *("warmup_epochs", "l1", "l2", "clip_norm", "label_smoothing"),
        ),
    ),
    Group("augmentation", "Augmentation", (), augmentation.FIELDS),
    Group("data", "Data", ("training_images", "validation_split"), ("class_balance", "label_noise", "seed")),
    Group("stop", "Stop", ("epochs", "patience"), ("monitor", "target_accuracy", "max_seconds")),
)


def _field(name: str) -> forms.Field:
    options = {"label": LABELS.get(name), "help_text": HELP[name], "required": name not in OPTIONAL}
    if name in CHOICES:
        return choice_field(CHOICES[name], **options)
    field = number_field(LIMITS[name], name in INTEGERS, **options)
    if scale := augmentation.SCALES.get(name):
        limits = {"min": plain(LIMITS[name].minimum), "max": plain(LIMITS[name].maximum), "step": scale.step}
        field.widget = Slider({**limits, "data-unit": scale.unit, "data-factor": scale.factor})
    return field


class HyperparametersForm(forms.Form):
    """The hyperparameters, in the groups that the page shows.

    `hyperparameters` exists only when all values are valid. `candidate` always exists: it has the default in place
    of each invalid value. A POST with "layers" or "augment" changes the typed values before they are validated.
    """

    url_name = "training:defaults"
    groups_shown: tuple[Group, ...] = GROUPS

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        images: int,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        """`images` is the number of training images in the dataset."""
        if data is not None:
            data = _with_preset(data)
        super().__init__(data, initial=dict(initial or {}))
        self.fields |= {name: _field(name) for name in FIELD_NAMES}
        self.images = images
        self.edit = Edited(self._typed_layers())
        if data is not None and "layers" in data:
            before = str(data.get("layers-before", ""))
            self.edit = edited(self.edit.typed, str(data["layers"]), before)
        self.candidate = (
            Hyperparameters() if self.is_bound else Hyperparameters.from_dict(self._known(self.initial))
        )
        for name in FIELD_NAMES:
            self._dress(name)

    def _dress(self, name: str) -> None:
        attributes = self.fields[name].widget.attrs
        attributes["aria-describedby"] = f"error-{name}"
        if name in PLACEHOLDERS:
            attributes["placeholder"] = PLACEHOLDERS[name]
        if name == "training_images":
            attributes["placeholder"] = f"all {self.images:,}"
        if used := USED_BY.get(name):
            # The other field, and its values with which this field has an effect; the page hides it otherwise.
            attributes |= {"data-used-by": used[0], "data-used-with": " ".join(sorted(used[1]))}
        if scale := augmentation.SCALES.get(name):
            self._dress_slider(name, scale)

    def _dress_slider(self, name: str, scale: augmentation.Scale) -> None:
        try:
            value = float(self[name].value())
        except (TypeError, ValueError):
            return
        slider = cast(Slider, self.fields[name].widget)
        slider.says = slider.attrs["aria-valuetext"] = scale.written(value)
        if abs(value / scale.step - round(value / scale.step)) > 1e-6:
            slider.attrs["step"] = "any"  # so that the browser does not round the value to a step

    def _typed_layers(self) -> list[dict[str, Any]]:
        layers = posted(self.data) if isinstance(self.data, QueryDict) and self.is_bound else None
        if layers is None:
            layers = [dict(layer) for layer in self.initial.get("layers", Hyperparameters().layers)]
        return layers

    @cached_property
    def layers(self) -> LayerList:
        """The hidden layers as typed."""
        return LayerList(self.edit.typed)

    def _known(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in values.items() if name == "layers" or name in FIELD_NAMES}

    @property
    def warnings(self) -> list[str]:
        """What is allowed and is likely to go wrong, in sentences."""
        size = str(self["batch_size"].value()).strip()
        # Over the positions of a map there are enough numbers for a mean.
        normalised = [
            p for p in self.layers.placed if p.spec["type"] == "batch_normalization" and len(p.reads) == 1
        ]
        if not normalised or size not in {"1", "2", "3"}:
            return []
        images = "1 image" if size == "1" else f"{size} images"
        return [
            f"Batch normalisation takes its mean over the batch. Over {images} that says nothing, and the network "
            "hardly learns: choose batches of 16 or more."
        ]

    @property
    def url(self) -> str:
        """The address that the form and its edits are sent to."""
        return reverse(self.url_name)

    @property
    def is_edit(self) -> bool:
        """Whether this POST edits the form instead of submitting it."""
        return self.is_bound and bool(EDITS & set(self.data))

    @cached_property
    def groups(self) -> list[dict[str, Any]]:
        return [
            {
                "key": group.key,
                "title": group.title,
                "fields": [self[name] for name in group.shown],
                "folded": [self[name] for name in group.folded],
            }
            for group in self.groups_shown
        ]

    @property
    def folds(self) -> list[tuple[str, list[tuple[str, str]], list[str]]]:
        """For each group with folded fields: its key, (label, value) of each folded field that differs from the
        default, and the labels of the folded fields that have an effect."""
        return [
            (
                group.key,
                [
                    (str(self[name].label), self._written(name))
                    for name in group.folded
                    if self._is_unusual(name)
                ],
                [str(self[name].label) for name in group.folded if self.candidate.uses(name)],
            )
            for group in self.groups_shown
            if group.folded
        ]

    def _written(self, name: str) -> str:
        value = str(self[name].value())
        if name in augmentation.SCALES:
            return cast(Slider, self.fields[name].widget).says
        return CHOICES[name].get(value, value) if name in CHOICES else value

    def _is_unusual(self, name: str) -> bool:
        usual = self.fields[name].prepare_value(getattr(Hyperparameters(), name))
        value = self[name].value()
        return self.candidate.uses(name) and str("" if value is None else value) != str(
            "" if usual is None else usual
        )

    @property
    def templates(self) -> list[tuple[int, str, bool]]:
        """For each template of layers: its number, its title, and whether the typed layers equal it."""
        chosen = chosen_template(self.layers)
        return [(i, title, title == chosen) for i, title in enumerate(TEMPLATES)]

    @property
    def layer_types(self) -> list[tuple[str, str, str]]:
        """For each type of layer: its name, its label, and the first clause of its help."""
        return [(name, kind.label, re.split("[.:;]", kind.help)[0]) for name, kind in LAYER_TYPES.items()]

    @property
    def amounts(self) -> list[forms.BoundField]:
        return [self[name] for name in augmentation.FIELDS]

    @property
    def edits_preset(self) -> bool:
        return self.is_bound and self.data.get("augment") in augmentation.AUGMENTATION_PRESETS

    @property
    def edits_chance(self) -> bool:
        return self.is_bound and "chance" in self.data

    @property
    def judged_fields(self) -> list[forms.BoundField]:
        """The fields on the page that can show an error beside them."""
        return self.visible_fields()

    @property
    def wrong_places(self) -> list[tuple[str, str]]:
        """(id, name) of each layer and each field with an error, layers first."""
        layers = [(card.key, card.place) for card in self.layers.cards if card.is_wrong]
        return layers + [
            (f.id_for_label or f"error-{f.name}", str(f.label)) for f in self.judged_fields if f.errors
        ]

    @property
    def general_problems(self) -> list[str]:
        """The errors that belong to no field and no layer."""
        errors = self.non_field_errors().as_data()
        return [str(text) for error in errors if error.code != "layers" for text in error.messages]

    @property
    def presets(self) -> list[tuple[str, str, bool]]:
        """For each preset of augmentation: its name, its label, and whether the form has its amounts."""
        chosen = augmentation.chosen_preset({n: getattr(self.candidate, n) for n in augmentation.FIELDS})
        return [
            (name, label, name == chosen) for name, (label, _) in augmentation.AUGMENTATION_PRESETS.items()
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        filled: dict[str, Any] = {name: cleaned[name] for name in FIELD_NAMES if name in cleaned}
        if self.layers.is_valid:
            filled["layers"] = self.layers.specs
        self.candidate = replace(Hyperparameters(), **filled)
        if (wanted := self.candidate.training_images) is not None and wanted > self.images:
            self.add_error("training_images", f"The dataset has {self.images:,} training images.")
        if not self.layers.is_valid:
            self.add_error(None, forms.ValidationError("Some layers can't be.", code="layers"))
        for name, problem in self.candidate.problems().items():
            self.add_error(name if name in self.fields else None, problem)
        if self.is_trainable:
            self.hyperparameters = self.candidate
        return cleaned

    @property
    def is_trainable(self) -> bool:
        """Whether the hyperparameters are valid; other fields of the form may still have errors."""
        return self.layers.is_valid and not any(name in self.errors for name in FIELD_NAMES)


def _with_preset(data: QueryDict) -> QueryDict:
    """The POST with the amounts of the augmentation preset that it names; unchanged where it names none."""
    preset = str(data.get("augment", ""))
    if preset not in augmentation.AUGMENTATION_PRESETS:
        return data
    changed = data.copy()
    for name, amount in augmentation.AUGMENTATION_PRESETS[preset][1].items():
        changed[name] = plain(amount)
    return changed
