"""The form of a new run."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.template.defaultfilters import filesizeformat

from digits import datasets, library
from training.estimates import quotas
from training.estimates.estimate import Estimate, estimate
from training.ml.engines import ENGINES, Engine
from training.models import Network, Run
from training.runs.forms.hyperparameters import GROUPS, Group, HyperparametersForm
from training.runs.forms.layers import LayerList

NETWORKS = 100  # own networks in the list of choices


class NetworkField(forms.ModelChoiceField[Network]):
    """One of the user's own networks."""

    def label_from_instance(self, network: Network) -> str:
        accuracy = "" if network.test_accuracy is None else f", {100 * network.test_accuracy:.2f} %"
        return f"{network.name} · {network.in_short}{accuracy}"


@dataclass(frozen=True)
class EngineOption:
    """An engine to choose: `missing` is the command that installs it (empty where it is installed), `problem` says
    which part of this training it can't do."""

    key: str
    label: str
    missing: str
    problem: str
    is_chosen: bool


class RunForm(HyperparametersForm):
    """A new run: its experiment, name, engine, dataset, initial network and hyperparameters.

    When valid, `cleaned_data` has the keys of "engine" and "dataset", and "initial_network", a Network or None; with
    a Network, the run has that network's layers. `estimate` is None while the hyperparameters are invalid.
    """

    experiment = forms.CharField(max_length=100)
    name = forms.CharField(max_length=100, required=False, label="Name of the run")
    token = forms.UUIDField(widget=forms.HiddenInput)
    engine = forms.CharField(max_length=20)
    dataset = forms.ChoiceField(
        help_text="What to learn. One that isn't here yet is downloaded when the run starts."
    )
    initial_network = NetworkField(
        Network.objects.none(),
        required=False,
        label="Start from",
        empty_label="New weights",
        help_text="A network of yours is trained on, with its layers as they are. Its weights stay as they were "
        "where they are now.",
    )

    url_name = "training:new"
    groups_shown = tuple(
        Group("data", "Data", ("dataset", *group.shown), group.folded) if group.key == "data" else group
        for group in GROUPS
    )

    def __init__(
        self, data: QueryDict | None = None, *, user: Any, initial: Mapping[str, Any] | None = None
    ) -> None:
        self.user = user
        usual: dict[str, Any] = {
            "token": uuid.uuid4(),
            "experiment": _last_experiment(user),
            "engine": "numpy",
        }
        usual |= {"dataset": datasets.load().name} | dict(initial or {})
        if data is not None:
            data = data.copy()
            for name in ("dataset", "engine"):  # a script may leave these out
                data[name] = data.get(name) or usual[name]
        wanted = usual["dataset"] if data is None else data["dataset"]
        self.datasets = {entry.key: entry for entry in library.entries(user, also=str(wanted))}
        self.dataset_key = wanted if wanted in self.datasets else datasets.load().name
        super().__init__(data, initial=usual, images=self.datasets[self.dataset_key].train)
        self._offer()

    def _offer(self) -> None:
        own = Network.objects.filter(owner=self.user).values("pk")[:NETWORKS]
        networks = cast(NetworkField, self.fields["initial_network"])
        networks.queryset = Network.objects.filter(pk__in=own).defer("data")
        # Choosing a network replaces the layers by the layers of that network.
        networks.widget.attrs |= {
            "hx-post": self.url,
            "hx-trigger": "change",
            "hx-vals": '{"layers": "start"}',
            "hx-target": "#layers",
            "hx-swap": "outerHTML",
            "hx-sync": "closest form:queue all",
        }
        titles = [(entry.key, _title(entry)) for entry in self.datasets.values()]
        cast(forms.ChoiceField, self.fields["dataset"]).choices = titles
        self.fields["name"].widget.attrs["placeholder"] = "numbered, when left empty"
        self.fields["experiment"].widget.attrs["list"] = "experiments"

    @cached_property
    def starts_from(self) -> Network | None:
        """The network to start from; None for new weights, and for an invalid choice."""
        field = cast(NetworkField, self.fields["initial_network"])
        try:
            return cast("Network | None", field.clean(self["initial_network"].value()))
        except forms.ValidationError:
            return None

    @cached_property
    def layers(self) -> LayerList:
        """The hidden layers as typed, or the layers of the network to start from."""
        if self.starts_from is None:
            return LayerList(self.edit.typed)
        return LayerList(self.starts_from.layers[:-1], is_fixed=True)

    @cached_property
    def has_networks(self) -> bool:
        queryset = cast(NetworkField, self.fields["initial_network"]).queryset
        return queryset is not None and queryset.exists()

    @property
    def judged_fields(self) -> list[forms.BoundField]:
        return [f for f in super().judged_fields if self.has_networks or f.name != "initial_network"]

    @property
    def engines(self) -> list[EngineOption]:
        chosen = self["engine"].value()
        return [
            EngineOption(
                key, engine.label, engine.missing, " ".join(self._beyond(engine).values()), key == chosen
            )
            for key, engine in ENGINES.items()
        ]

    def _beyond(self, engine: Engine) -> dict[str, str]:
        """Field -> what the engine can't do; empty for an engine that isn't installed and for invalid layers."""
        if engine.missing or not self.layers.is_valid:
            return {}
        return engine.problems(self.candidate)

    @cached_property
    def usage(self) -> quotas.Usage:
        """What the user's other runs take of the quota."""
        return quotas.usage(self.user)

    @cached_property
    def estimate(self) -> Estimate | None:
        if self.is_bound:
            self.is_valid()
        return self._estimate() if self.is_trainable else None

    def _estimate(self) -> Estimate:
        engine = str(self["engine"].value())
        return estimate(self.candidate, self.images, engine if engine in ENGINES else "numpy")

    def clean_engine(self) -> str:
        key = str(self.cleaned_data["engine"])
        if key not in ENGINES:
            raise forms.ValidationError(f"There is no engine of this name; there are {', '.join(ENGINES)}.")
        if command := ENGINES[key].missing:
            raise forms.ValidationError(
                f"{ENGINES[key].label} isn't installed here. This installs it: {command}"
            )
        return key

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if key := cleaned.get("engine"):
            for name, problem in self._beyond(ENGINES[key]).items():
                self.add_error(name if name in self.fields else None, problem)
        estimate = self._estimate() if self.is_trainable else None
        for problem in quotas.refusals(self.user, self.candidate if estimate else None, estimate):
            self.add_error(None, problem)
        return cleaned


def _last_experiment(user: Any) -> str:
    last = Run.objects.of(user).first() if user.is_authenticated else None
    return last.experiment.name if last else "First steps"


def _title(entry: library.Entry) -> str:
    if entry.state == library.State.NOT_FETCHED and entry.size:
        return f"{entry.title} · to download, {filesizeformat(entry.size)}"
    return f"{entry.title} · downloading" if entry.state == library.State.FETCHING else entry.title
