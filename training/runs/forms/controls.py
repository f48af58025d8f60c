"""What is changed of a run that exists."""

from django import forms

from training.ml.config.choices import LIMITS
from training.runs.forms.fields import number_field


class RateForm(forms.Form):
    """Another learning rate, for a run under way."""

    learning_rate = number_field(LIMITS["learning_rate"], integer=False)


class EpochsForm(forms.Form):
    """How many epochs more."""

    epochs = forms.IntegerField(min_value=1, max_value=int(LIMITS["epochs"].maximum))
