"""Fields for numbers and choices, made from the registries that say what a value may be."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from django import forms

from training.ml.config.limits import Limit, number_problem

TYPED = {"inputmode": "decimal", "autocomplete": "off", "spellcheck": "false"}


def plain(number: float) -> str:
    """The number as short as people write it, and exactly: 0.001, 1e-7."""
    short = f"{number:g}"
    return re.sub(r"e([+-])0+", r"e\1", short if float(short) == number else repr(number))


class _Number(forms.Field):
    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        # The server, not the browser, says beside the field whether a number is missing or wrong.
        widget.is_required = False
        return {**super().widget_attrs(widget), **TYPED}

    def prepare_value(self, value: Any) -> Any:
        return plain(value) if isinstance(value, float) else value


class NumberField(_Number, forms.FloatField):
    """A number typed as text, so that what was typed comes back as it was, right or wrong."""

    widget = forms.TextInput


class CountField(_Number, forms.IntegerField):
    """A whole number typed as text."""

    widget = forms.TextInput


class Slider(forms.NumberInput):
    """A number that one slides to; it has no wrong values."""

    input_type = "range"
    says = ""  # the number with its unit


def number_field(limit: Limit, integer: bool, **options: Any) -> forms.Field:
    """A field for a number within `limit`."""
    kind = CountField if integer else NumberField
    return kind(validators=[refusing(lambda value: number_problem(value, limit, integer))], **options)


def choice_field(choices: Mapping[str, str], **options: Any) -> forms.ChoiceField:
    """A field for one of the `choices`, name -> label."""
    return forms.ChoiceField(choices=list(choices.items()), **options)


def refusing(problem: Callable[[Any], str]) -> Callable[[Any], None]:
    """A validator out of a function that says what is wrong with a value."""

    def validate(value: Any) -> None:
        if message := problem(value):
            raise forms.ValidationError(message)

    return validate
