"""The form of a new run, and the form of the user's default hyperparameters."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from digits import datasets, library
from digits.datasets import DatasetMissing
from training.ml.config.hyperparameters import Hyperparameters
from training.ml.config.presets import PRESETS
from training.ml.data.augmentation import Augmentation
from training.ml.plots.architecture_diagram import architecture_diagram
from training.ml.plots.augmentation_preview import AugmentationPreview
from training.ml.plots.learning_rate import SchedulePlot
from training.models import Experiment, Network, Run
from training.runs.forms import HyperparametersForm, RunForm
from training.worker.submission import Outcome, Refused, Submission, submit
from tryml.accounts.models import Preferences
from tryml.numbers import whole
from tryml.web.htmx import HtmxRequest


def _usual(user: Any) -> dict[str, Any]:
    """The initial values of the form: the user's defaults, or else the application's."""
    try:
        own = Hyperparameters.from_dict(Preferences.of(user).hyperparameters)
        own.validate()
    except (TypeError, ValueError):
        # An older version with other names or limits stored these defaults.
        own = Hyperparameters()
    return own.to_dict()


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HtmxRequest) -> HttpResponse:
    """The form of a new run; `?from=7` fills in the hyperparameters of run 7, `?preset=best-cnn` the hyperparameters of
    a preset, `?network=7` network 7 as the start.

    A POST that edits the form (see EDITS) answers with the changed form and starts no run.
    """
    if request.method == "POST":
        form = RunForm(request.POST, user=request.user)
        if form.is_edit:
            return _edited(request, form, "training/runs/new.html", _new_context(request, form))
        if form.is_valid():
            try:
                run, outcome = submit(_submission(form))
            except Refused as refused:
                form.add_error(None, str(refused))
            else:
                if outcome is Outcome.TRAINED_BEFORE:
                    messages.info(
                        request,
                        f"You have trained exactly this before, as “{run}”, so here is its result at once. "
                        "“Train again” trains it anyway.",
                    )
                return redirect(run)
        return render(request, "training/runs/new.html", _new_context(request, form), status=422)
    form = RunForm(initial=_initial(request), user=request.user)
    return render(request, "training/runs/new.html", _new_context(request, form))


def _initial(request: HttpRequest) -> dict[str, Any]:
    source, preset = whole(request.GET.get("from", "")), PRESETS.get(request.GET.get("preset", ""))
    if preset is not None:
        return preset.hyperparameters.to_dict()
    if (network := whole(request.GET.get("network", ""))) is not None:
        start = get_object_or_404(Network.objects.defer("data"), owner=cast(Any, request.user), pk=network)
        return _usual(request.user) | {"initial_network": start.pk}
    if source is None:
        return _usual(request.user)
    earlier = get_object_or_404(Run.objects.of(request.user), pk=source)
    belongs = {"experiment": earlier.experiment.name, "dataset": earlier.dataset, "engine": earlier.engine}
    return earlier.hyperparameters.to_dict() | belongs


def _edited(
    request: HtmxRequest, form: HyperparametersForm, page: str, context: dict[str, Any]
) -> HttpResponse:
    """For htmx the part of the form that the edit changed, otherwise the whole page."""
    if not request.htmx:
        return render(request, page, context)
    is_layers = "layers" in form.data
    part = "training/runs/_layers.html" if is_layers else "training/runs/_augmentation_look.html"
    return render(request, part, context | {"is_answer": True})


def _new_context(request: HttpRequest, form: RunForm) -> dict[str, Any]:
    names = Experiment.objects.of(request.user).values_list("name", flat=True)[:50]
    return {
        **_form_context(form, form.dataset_key),
        "experiments": names,
        "estimate": form.estimate,
        "presets": PRESETS,
    }


def _form_context(form: HyperparametersForm, dataset: str | None = None) -> dict[str, Any]:
    if form.is_bound:
        form.is_valid()
    return {
        "form": form,
        "sketch": architecture_diagram(form.layers.placed) if form.layers.placed else None,
        "plot": SchedulePlot.of(form.candidate, form.images),
        "samples": _samples(form, dataset),
    }


def _samples(form: HyperparametersForm, dataset: str | None) -> AugmentationPreview | None:
    """Samples of augmented images; None without augmentation, or where the dataset isn't on this machine."""
    augmentation = Augmentation.of(form.candidate)
    if augmentation.is_off:
        return None
    chance = str(form.data.get("chance") or form.data.get("chance-now") or "")
    try:
        split = library.load(dataset).train
    except DatasetMissing:
        return None
    return AugmentationPreview(split, augmentation, whole(chance) or 0)


def _submission(form: RunForm) -> Submission:
    filled = form.cleaned_data
    return Submission(
        owner=form.user,
        experiment=filled["experiment"],
        name=filled["name"],
        hyperparameters=form.hyperparameters,
        engine=filled["engine"],
        dataset=filled["dataset"],
        initial=filled["initial_network"],
        token=filled["token"],
    )


@login_required
@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """Called while the user types: answers with the problems, and the size and training time of the network."""
    if "token" not in request.POST:
        form = HyperparametersForm(request.POST, images=len(datasets.load().train))
        return render(request, "training/runs/_pushed.html", _form_context(form))
    form = RunForm(request.POST, user=request.user)
    return render(request, "training/runs/_pushed.html", _new_context(request, form))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def defaults(request: HtmxRequest) -> HttpResponse:
    """The partial for choosing the user's default hyperparameters."""
    images = len(datasets.load().train)
    form = HyperparametersForm(request.POST or None, images=images, initial=_usual(request.user))
    if form.is_edit:
        return _edited(request, form, "training/runs/_defaults.html", _form_context(form))
    preferences = Preferences.of(request.user)
    if saved := "reset" in request.POST:
        preferences.hyperparameters = {}
        preferences.save()
        form = HyperparametersForm(initial=_usual(request.user), images=images)
    elif saved := form.is_valid():
        preferences.hyperparameters = form.hyperparameters.to_dict()
        preferences.save()
    context = _form_context(form) | {"saved": saved}
    return render(request, "training/runs/_defaults.html", context, status=422 if form.errors else 200)
