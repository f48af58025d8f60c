"""The hidden layers in a form: as typed, valid or not, each with its problem."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile
from typing import Any, NamedTuple

from django import forms
from django.http import QueryDict

from training.ml.config.architecture import OUTPUT, InvalidArchitecture, Layer, trace
from training.ml.config.layer_types import LAYER_TYPES, Field, LayerSpec, written
from training.runs.forms.fields import choice_field, number_field

KEY = re.compile(r"layer-(\d{1,6})-(\w{1,40})")
SHORT = frozenset({"hidden_layer_sizes", "activation", "dropout"})

Typed = dict[str, Any]  # a layer's type, and its fields as text; a missing field takes its default


def posted(data: QueryDict) -> list[Typed] | None:
    """The layers in a POST, in its order: `layer-<i>-type`, `layer-<i>-units` and so on.

    Without any key of a layer, `hidden_layer_sizes` ("128, 64"), `activation` and `dropout` describe dense
    layers. None where the POST has neither.
    """
    layers: dict[str, Typed] = {}
    for key, value in data.items():
        if found := KEY.fullmatch(key):
            layers.setdefault(found[1], {})[found[2]] = value
    if any(key.startswith("layer-") for key in data):
        return list(layers.values())
    return _in_short(data) if SHORT & set(data) else None


def _in_short(data: QueryDict) -> list[Typed]:
    sizes = re.split(r"[\s,;]+", str(data.get("hidden_layer_sizes", "128, 64")).strip())
    share = str(data.get("dropout", "0")).strip()
    behind: list[Typed] = [{"type": "dropout", "rate": share}] if share.strip("0.") else []
    named = {"activation": data["activation"]} if data.get("activation") else {}
    dense: list[Typed] = [{"type": "dense", "units": size, **named} for size in sizes if size]
    return [layer for each in dense for layer in (each, *behind)]


def _form_field(field: Field) -> forms.Field:
    if field.choices is not None:
        return choice_field(field.choices, label=field.label)
    if field.limit is None:
        return forms.BooleanField(required=False, label=field.label)
    return number_field(field.limit, isinstance(field.default, int), label=field.label)


class LayerForm(forms.Form):
    """The fields of one layer."""

    def __init__(self, position: int, typed: Typed) -> None:
        self.kind = str(typed.get("type", ""))
        self.type = LAYER_TYPES.get(self.kind)
        known = self.type.fields if self.type else {}
        prefix = f"layer-{position}"
        values = {name: typed.get(name, field.default) for name, field in known.items()}
        super().__init__({f"{prefix}-{name}": value for name, value in values.items()}, prefix=prefix)
        for name, field in known.items():
            self.fields[name] = _form_field(field)
            self.fields[name].widget.attrs["aria-describedby"] = f"error-{prefix}-{name} {prefix}-problem"

    @property
    def label(self) -> str:
        return self.type.label if self.type else f"“{self.kind[:40]}”"

    @property
    def spec(self) -> dict[str, Any]:
        """The layer's specification; the form must be valid."""
        return {"type": self.kind, **self.cleaned_data}

    def clean(self) -> dict[str, Any]:
        if self.type is None:
            raise forms.ValidationError("There is no layer of this type: remove it.")
        return self.cleaned_data


class Move(NamedTuple):
    """A button that moves a layer or removes it."""

    action: str
    icon: str
    says: str
    is_possible: bool = True


@dataclass(frozen=True)
class Card:
    """A layer on the page: `form` is None for the output, `placed` is None where the shapes are unknown."""

    position: int
    count: int  # number of hidden layers
    form: LayerForm | None
    placed: Layer | None
    problem: str
    remedy: tuple[str, str] | None  # label and action of a button that solves the problem

    @property
    def number(self) -> int:
        return self.position + 1

    @property
    def place(self) -> str:
        return f"Layer {self.number}" if self.form else "Output"

    @property
    def key(self) -> str:
        return f"layer-{self.position}"

    @property
    def moves(self) -> list[Move]:
        at, what = self.position, f"{self.label}, layer {self.number}"
        return [
            Move(f"up-{at}", "up", f"Move {what}, up", at > 0),
            Move(f"down-{at}", "down", f"Move {what}, down", self.number < self.count),
            Move(f"remove-{at}", "cross", f"Remove {what}"),
        ]

    @property
    def settings(self) -> list[tuple[str, str]]:
        """(label, value) of each field, in words."""
        if self.form is None or self.form.type is None:
            return []
        return [
            (field.label, _in_words(field, self.form.spec[name]))
            for name, field in self.form.type.fields.items()
        ]

    @property
    def label(self) -> str:
        return self.form.label if self.form else "10 digits"

    @property
    def gives(self) -> str:
        return written(self.placed.gives) if self.placed else ""

    @property
    def is_wrong(self) -> bool:
        return bool(self.problem or (self.form and self.form.errors))


class LayerList:
    """Hidden layers as typed. With `is_fixed` they belong to an existing network and can't be edited."""

    def __init__(self, typed: Sequence[Mapping[str, Any]], *, is_fixed: bool = False) -> None:
        self.typed: list[Typed] = [dict(layer) for layer in typed]
        self.is_fixed = is_fixed
        self.forms = [LayerForm(position, layer) for position, layer in enumerate(self.typed)]
        readable = [form.spec for form in takewhile(LayerForm.is_valid, self.forms)]
        self.is_readable = len(readable) == len(self.forms)
        self.specs = tuple(readable)
        self.placed, self.problems = _judged([*readable, OUTPUT] if self.is_readable else readable)

    @property
    def is_valid(self) -> bool:
        return self.is_readable and not self.problems

    @cached_property
    def cards(self) -> list[Card]:
        """All layers, the output last."""
        return [self._card(position, form) for position, form in enumerate([*self.forms, None])]

    def _card(self, position: int, form: LayerForm | None) -> Card:
        problem = self.problems.get(position, "")
        remedy = self._remedy(position) if problem and not self.is_fixed else None
        placed = self.placed[position] if position < len(self.placed) else None
        return Card(position, len(self.forms), form, placed, problem, remedy)

    def _remedy(self, position: int) -> tuple[str, str] | None:
        """A small change to the earlier layers that makes the layer at `position` valid; None where none is found."""
        before, layer = list(self.specs[:position]), [*self.specs, OUTPUT][position]
        candidates: list[tuple[str, str, Iterable[LayerSpec]]] = [
            ("Put Flatten before it", f"add-{position}-flatten", [*before, {"type": "flatten"}])
        ]
        for i, earlier in reversed(list(enumerate(before))):
            name = f"{LAYER_TYPES[earlier['type']].label} (layer {i + 1})"
            if earlier["type"] == "flatten":
                candidates.append((f"Remove {name}", f"remove-{i}", [*before[:i], *before[i + 1 :]]))
            if "return_sequences" in earlier:
                every = {**earlier, "return_sequences": True}
                candidates.append(
                    (f"Let {name} give every step", f"steps-{i}", [*before[:i], every, *before[i + 1 :]])
                )
        return next(
            ((says, does) for says, does, changed in candidates if not _judged([*changed, layer])[1]), None
        )


def _in_words(field: Field, value: Any) -> str:
    if field.choices is not None:
        return field.choices[value]
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _judged(specs: Sequence[LayerSpec]) -> tuple[list[Layer], dict[int, str]]:
    """The layers before the first that does not fit, with their shapes; and position -> problem."""
    try:
        return trace(specs), {}
    except InvalidArchitecture as error:
        return _judged(specs[: min(error.problems)])[0], error.problems
