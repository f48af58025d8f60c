"""Pages and partials of runs: start one, watch it, keep the history."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import IntegrityError, transaction
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from digits import datasets
from training import events
from training.actors import enqueue
from training.curves import curve_points
from training.estimates import Estimate, estimate
from training.forms import ExperimentForm, HyperparametersForm, RunEditForm, RunForm
from training.hyperparameters import Hyperparameters
from training.models import Experiment, Run
from training.run_page import run_context
from tryml.accounts.models import Preferences
from tryml.monitoring.events import record

EXPERIMENTS_A_PAGE = 10


def _usual(user: Any) -> dict[str, Any]:
    """What the form starts with: the user's own defaults over the application's."""
    own = Preferences.of(user).hyperparameters
    try:
        return Hyperparameters.from_dict(own).to_dict()
    except ValueError:
        # Kept by an older version that knew other names or limits.
        return Hyperparameters().to_dict()


@login_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The form of a new run; `?from=7` starts with the hyperparameters of run 7."""
    dataset = datasets.load()
    images = len(dataset.train)
    if request.method == "POST":
        form = RunForm(request.POST, user=request.user, images=images)
        if form.is_valid():
            return redirect(_start(request, form, dataset.name))
        return render(request, "training/new.html", _new_context(request, form), status=422)
    form = RunForm(initial=_initial(request), user=request.user, images=images)
    return render(request, "training/new.html", _new_context(request, form))


def _initial(request: HttpRequest) -> dict[str, Any]:
    source = request.GET.get("from", "")
    if not source.isdigit():
        return _usual(request.user)
    earlier = get_object_or_404(Run.objects.of(request.user), pk=source)
    return earlier.hyperparameters.to_dict() | {"experiment": earlier.experiment.name}


def _new_context(request: HttpRequest, form: RunForm) -> dict[str, Any]:
    names = Experiment.objects.of(request.user).values_list("name", flat=True)[:50]
    return {"form": form, "experiments": names, "estimate": _estimate(form)}


def _estimate(form: HyperparametersForm) -> Estimate | None:
    """What the form's network would take; for a form not sent yet, what its initial values would."""
    if form.is_bound:
        form.is_valid()
        hyperparameters = getattr(form, "hyperparameters", None)
    else:
        names = HyperparametersForm.base_fields
        hyperparameters = Hyperparameters.from_dict({k: v for k, v in form.initial.items() if k in names})
    return estimate(hyperparameters, form.images) if hyperparameters else None


def _start(request: HttpRequest, form: RunForm, dataset: str) -> Run:
    """Create the run and put it in line. The same form sent twice gives the same run."""
    hyperparameters, user = form.hyperparameters, cast(Any, request.user)
    token = form.cleaned_data["token"]
    try:
        with transaction.atomic():
            experiment = Experiment.named(form.cleaned_data["experiment"], user)
            run = Run.objects.create(
                experiment=experiment,
                token=token,
                name=form.cleaned_data["name"] or f"Run {experiment.runs.count() + 1}",
                dataset=dataset,
                hyperparameters_json=hyperparameters.to_dict(),
                parameter_count=hyperparameters.parameter_count,
                estimated_seconds=estimate(hyperparameters, form.images).seconds,
            )
            run.log("In line.")
            transaction.on_commit(lambda: enqueue(run))
    except IntegrityError:
        return get_object_or_404(Run.objects.of(user), token=token)
    record("run queued", f"{run}, {run.parameter_count:,} parameters.", run=run.pk, user=user.pk)
    return run


@login_required
@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """While one types: what is wrong, and what the network would take."""
    form = RunForm(request.POST, user=request.user, images=len(datasets.load().train))
    context = {"form": form, "estimate": _estimate(form), "pushed": True}
    return render(request, "training/_check.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def defaults(request: HttpRequest) -> HttpResponse:
    """The partial in which one chooses what a new run's form starts with."""
    images = len(datasets.load().train)
    preferences = Preferences.of(request.user)
    saved = False
    if request.method == "POST" and "reset" in request.POST:
        preferences.hyperparameters = {}
        preferences.save()
        form = HyperparametersForm(initial=_usual(request.user), images=images)
        saved = True
    elif request.method == "POST":
        form = HyperparametersForm(request.POST, images=images)
        if saved := form.is_valid():
            preferences.hyperparameters = form.hyperparameters.to_dict()
            preferences.save()
    else:
        form = HyperparametersForm(initial=_usual(request.user), images=images)
    context = {"form": form, "saved": saved}
    return render(request, "training/_defaults.html", context, status=422 if form.errors else 200)


@login_required
@require_GET
def runs(request: HttpRequest) -> HttpResponse:
    """The user's history, by experiment."""
    listed = Run.objects.of(request.user).listed()
    experiments = Experiment.objects.of(request.user).prefetch_related(Prefetch("runs", listed))
    page = Paginator(experiments, EXPERIMENTS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "training/runs.html", {"page": page})


def _own_run(request: HttpRequest, run_id: int) -> Run:
    return get_object_or_404(Run.objects.of(request.user).shown(), pk=run_id)


@login_required
@require_GET
def run(request: HttpRequest, run_id: int) -> HttpResponse:
    """One run: live while it trains, its result afterwards."""
    run = _own_run(request, run_id)
    context = run_context(run) | {"points_url": reverse("training:points", args=[run.pk])}
    return render(request, "training/run.html", context)


@login_required
@require_GET
def points(request: HttpRequest, run_id: int) -> HttpResponse:
    """The points of the run's curves after a step, as JSON: for a page that missed some."""
    run = _own_run(request, run_id)
    after = request.GET.get("after", "")
    return JsonResponse({"points": curve_points(run, int(after) if after.isdigit() else -1)})


def _change(request: HttpRequest, run_id: int, change: Callable[[Run], bool]) -> HttpResponse:
    """Change a run as its owner asks, tell its pages, and answer with its state as it is now."""
    run = _own_run(request, run_id)
    if change(run):
        events.changed(run)
        events.line_moved()
        enqueue(run)
    run.refresh_from_db()
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "training/_state.html", {"run": run})
    return redirect(run)


@login_required
@require_POST
def pause(request: HttpRequest, run_id: int) -> HttpResponse:
    return _change(request, run_id, Run.pause)


@login_required
@require_POST
def resume(request: HttpRequest, run_id: int) -> HttpResponse:
    return _change(request, run_id, Run.resume)


@login_required
@require_POST
def stop(request: HttpRequest, run_id: int) -> HttpResponse:
    return _change(request, run_id, Run.stop)


@login_required
@require_http_methods(["GET", "POST"])
def edit_run(request: HttpRequest, run_id: int) -> HttpResponse:
    """Rename a run and note something about it."""
    run = _own_run(request, run_id)
    form = RunEditForm(request.POST or None, instance=run)
    if request.method == "POST" and form.is_valid():
        Run.objects.filter(pk=run.pk).update(**form.cleaned_data)
        if run.has_network:
            type(run.network).objects.filter(run=run).update(name=run.name)
        return redirect(run)
    context = {"form": form, "title": "Name and note", "back": run.get_absolute_url()}
    return render(request, "training/edit.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def delete_run(request: HttpRequest, run_id: int) -> HttpResponse:
    """Ask, then delete a run with its curves and network; one that trains stops first."""
    run = _own_run(request, run_id)
    if request.method == "POST":
        run.delete()
        events.line_moved()
        return redirect("training:runs")
    context = {"title": f"Delete “{run.name}”?", "back": run.get_absolute_url(), "run": run}
    return render(request, "training/delete.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def edit_experiment(request: HttpRequest, experiment_id: int) -> HttpResponse:
    """Rename an experiment and note something about it."""
    experiment = get_object_or_404(Experiment.objects.of(request.user), pk=experiment_id)
    form = ExperimentForm(request.POST or None, instance=experiment)
    if request.method == "POST" and form.is_valid():
        form.save()
        return redirect("training:runs")
    context = {"form": form, "title": "Name and note", "back": reverse("training:runs")}
    return render(request, "training/edit.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def delete_experiment(request: HttpRequest, experiment_id: int) -> HttpResponse:
    """Ask, then delete an experiment and all its runs."""
    experiment = get_object_or_404(Experiment.objects.of(request.user), pk=experiment_id)
    if request.method == "POST":
        experiment.delete()
        events.line_moved()
        return redirect("training:runs")
    context = {
        "title": f"Delete “{experiment.name}”?",
        "back": reverse("training:runs"),
        "experiment": experiment,
        "count": experiment.runs.count(),
    }
    return render(request, "training/delete.html", context)
