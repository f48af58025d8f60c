"""Form fields for numbers and choices, made from the registries of limits and choices."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from django import forms

from training.ml.config.limits import Limit, number_problem

TYPED = {"inputmode": "decimal", "autocomplete": "off", "spellcheck": "false"}


def plain(number: float) -> str:
    """The shortest text that stands for exactly this number: 0.001, 1e-7."""
    short = f"{number:g}"
    return re.sub(r"e([+-])0+", r"e\1", short if float(short) == number else repr(number))


class _Number(forms.Field):
    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        # The server reports a missing or wrong number beside the field, so the browser must not.
        widget.is_required = False
        return {**super().widget_attrs(widget), **TYPED}

    def prepare_value(self, value: Any) -> Any:
        return plain(value) if isinstance(value, float) else value


class NumberField(_Number, forms.FloatField):
    """A number in a text input, so that the form shows the typed text again, valid or not."""

    widget = forms.TextInput


class CountField(_Number, forms.IntegerField):
    """A whole number in a text input."""

    widget = forms.TextInput


class Slider(forms.NumberInput):
    """A number chosen with a slider, which offers only valid values."""

    input_type = "range"
    says = ""  # the value with its unit


def number_field(limit: Limit, integer: bool, **options: Any) -> forms.Field:
    """A field for a number within `limit`."""
    kind = CountField if integer else NumberField
    return kind(validators=[refusing(lambda value: number_problem(value, limit, integer))], **options)


def choice_field(choices: Mapping[str, str], **options: Any) -> forms.ChoiceField:
    """A field for one of the `choices`, name -> label."""
    return forms.ChoiceField(choices=list(choices.items()), **options)


def refusing(problem: Callable[[Any], str]) -> Callable[[Any], None]:
    """A validator from `problem`, which returns a message for a wrong value and "" for a valid one."""

    def validate(value: Any) -> None:
        if message := problem(value):
            raise forms.ValidationError(message)

    return validate
