"""What a person fills in: text on one side, hyperparameters and runs on the other."""

import uuid
from typing import Any

from django import forms
from django.conf import settings

from training.hyperparameters import (
    ACTIVATIONS,
    HELP,
    INITIALIZERS,
    LOSSES,
    OPTIMIZERS,
    Hyperparameters,
)
from training.models import Experiment, Run, Status


class NumberField(forms.FloatField):
    """A number typed as text, so that what was typed comes back as it was, right or wrong."""

    widget = forms.TextInput

    def prepare_value(self, value: Any) -> Any:
        return f"{value:g}" if isinstance(value, float) else value


class CountField(forms.IntegerField):
    widget = forms.TextInput


class LayersField(forms.CharField):
    """Sizes of hidden layers: "128, 64"; nothing at all for none."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> tuple[int, ...]:
        text = super().clean(value)
        try:
            return tuple(int(part) for part in text.replace(";", ",").replace(",", " ").split())
        except ValueError:
            raise forms.ValidationError(
                "Whole numbers with commas between them, for example 128, 64."
            ) from None


class HyperparametersForm(forms.Form):
    """The hyperparameters of a run, in the groups in which the page shows them."""

    hidden_layer_sizes = LayersField(required=False, label="Hidden layers")
    activation = forms.ChoiceField(choices=list(ACTIVATIONS.items()))
    initializer = forms.ChoiceField(choices=list(INITIALIZERS.items()), label="Initial weights")
    dropout = NumberField()

    optimizer = forms.ChoiceField(choices=list(OPTIMIZERS.items()), label="Optimiser")
    learning_rate = NumberField()
    batch_size = CountField()
    loss = forms.ChoiceField(choices=list(LOSSES.items()))
    l2 = NumberField(label="L2")
    momentum = NumberField()
    rho = NumberField(label="Rho")
    beta_1 = NumberField(label="Beta 1")
    beta_2 = NumberField(label="Beta 2")
    epsilon = NumberField()

    training_images = CountField(required=False)
    validation_split = NumberField()
    seed = CountField()

    epochs = CountField()

    GROUPS = (
        ("Network", ("hidden_layer_sizes", "activation", "dropout"), ("initializer",)),
        (
            "Learning",
            ("optimizer", "learning_rate", "batch_size", "loss"),
            ("l2", "momentum", "rho", "beta_1", "beta_2", "epsilon"),
        ),
        ("Data", ("training_images", "validation_split", "seed"), ()),
        ("Stop", ("epochs",), ()),
    )

    def __init__(self, *args: Any, images: int, **kwargs: Any) -> None:
        """`images`: how many training images the dataset has."""
        super().__init__(*args, **kwargs)
        self.images = images
        for name, field in self.fields.items():
            field.help_text = HELP.get(name, "")
            attributes = field.widget.attrs
            attributes["aria-describedby"] = f"help-{name} error-{name}"
            if isinstance(field, NumberField | CountField):
                attributes |= {"inputmode": "decimal", "autocomplete": "off", "spellcheck": "false"}
                # A missing number is told apart from a wrong one beside the field, by the server.
                field.widget.is_required = False
        self.fields["hidden_layer_sizes"].widget.attrs |= {"autocomplete": "off", "placeholder": "none"}
        self.fields["training_images"].widget.attrs["placeholder"] = f"all {images:,}"

    @property
    def groups(self) -> list[dict[str, Any]]:
        return [
            {
                "title": title,
                "fields": [self[name] for name in first],
                "advanced": [self[name] for name in rest],
                "unusual": [self[name] for name in rest if self._differs(name)],
            }
            for title, first, rest in self.GROUPS
        ]

    def _differs(self, name: str) -> bool:
        usual = self.fields[name].prepare_value(getattr(Hyperparameters(), name))
        return str(self[name].value()) != str(usual)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        given = {name: cleaned[name] for name in HyperparametersForm.base_fields if name in cleaned}
        usual = Hyperparameters()
        candidate = Hyperparameters(
            **{f: given.get(f, getattr(usual, f)) for f in HyperparametersForm.base_fields}
        )
        for name, problem in candidate.problems().items():
            if name not in self.errors:
                self.add_error(name if name in self.fields else None, problem)
        if (wanted := candidate.training_images) is not None and wanted > self.images:
            self.add_error("training_images", f"The dataset has {self.images:,} training images.")
        if not self.errors:
            self.hyperparameters = candidate
        return cleaned


class RunForm(HyperparametersForm):
    """A new run: where it belongs, what it is called, and its hyperparameters."""

    experiment = forms.CharField(max_length=100)
    name = forms.CharField(max_length=100, required=False, label="Name of the run")
    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        initial = {"token": uuid.uuid4(), "experiment": _last_experiment(user)} | (
            kwargs.pop("initial", None) or {}
        )
        super().__init__(*args, initial=initial, **kwargs)
        self.user = user
        self.fields["name"].widget.attrs["placeholder"] = "numbered, when left empty"
        self.fields["experiment"].widget.attrs["list"] = "experiments"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        waiting = Run.objects.of(self.user).filter(status=Status.QUEUED).count()
        if waiting >= settings.RUNS_IN_LINE:
            self.add_error(
                None,
                f"{waiting} of your runs are in line, and no more than {settings.RUNS_IN_LINE} may be. "
                "Start this one when some have ended.",
            )
        return cleaned


def _last_experiment(user: Any) -> str:
    last = Run.objects.of(user).first() if user.is_authenticated else None
    return last.experiment.name if last else "First steps"


class ExperimentForm(forms.ModelForm[Experiment]):
    class Meta:
        model = Experiment
        fields = ("name", "note")
        widgets = {"note": forms.Textarea(attrs={"rows": 3})}


class RunEditForm(forms.ModelForm[Run]):
    class Meta:
        model = Run
        fields = ("name", "note")
        widgets = {"note": forms.Textarea(attrs={"rows": 3})}
