"""Forms that change an existing run."""

from django import forms

from training.ml.config.choices import LIMITS
from training.runs.forms.fields import number_field


class RateForm(forms.Form):
    """A new learning rate for a run that has not ended."""

    learning_rate = number_field(LIMITS["learning_rate"], integer=False)


class EpochsForm(forms.Form):
    """The number of additional epochs."""

    epochs = forms.IntegerField(min_value=1, max_value=int(LIMITS["epochs"].maximum))
