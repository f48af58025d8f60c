"""Pages of runs and experiments: list, watch, rename, delete."""

from collections import defaultdict
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Page, Paginator
from django.db.models import Count, Window
from django.db.models.functions import RowNumber
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from training.models import Experiment, Run
from training.models.point import curve_points
from training.runs.forms import ExperimentForm, RunEditForm
from training.runs.run_context import pinned_tile, run_context
from training.worker import notify
from tryml.numbers import whole

EXPERIMENTS_A_PAGE = 10
RUNS_SHOWN = 20  # of each experiment, while all experiments are listed
RUNS_A_PAGE = 50  # while one experiment is listed


@login_required
@require_safe
def runs(request: HttpRequest) -> HttpResponse:
    """The user's history: the newest runs of each experiment, or all runs of one (`?experiment=7`), in pages."""
    listed = Run.objects.of(request.user).listed()
    experiments = (
        Experiment.objects.of(request.user).annotate(run_count=Count("runs")).order_by("-created_at")
    )
    number = request.GET.get("page")
    page: Page[Any]
    if (wanted := whole(request.GET.get("experiment", ""))) is not None:
        experiment = get_object_or_404(experiments, pk=wanted)
        page = Paginator(listed.filter(experiment=experiment).order_by("-created_at"), RUNS_A_PAGE).get_page(
            number
        )
        groups = [(experiment, list(page))]
    else:
        page = Paginator(experiments, EXPERIMENTS_A_PAGE).get_page(number)
        age = Window(RowNumber(), partition_by="experiment", order_by="-created_at")
        newest = Run.objects.filter(experiment__in=list(page)).annotate(age=age).filter(age__lte=RUNS_SHOWN)
        shown: dict[int, list[Run]] = defaultdict(list)
        for run in listed.filter(pk__in=list(newest.values_list("pk", flat=True))):
            shown[run.experiment_id].append(run)
        groups = [(experiment, shown[experiment.pk]) for experiment in page]
    Run.objects.places(run for _, those in groups for run in those)
    return render(request, "training/runs/runs.html", {"page": page, "groups": groups})


@login_required
@require_safe
def run(request: HttpRequest, run_id: int) -> HttpResponse:
    """The page of one run: live while it trains, with its result afterwards."""
    run = Run.objects.own(request.user, run_id)
    own = {"points_url": reverse("training:points", args=[run.pk]), "pinned": pinned_tile(run)}
    return render(request, "training/runs/run.html", run_context(run) | own)


@login_required
@require_safe
def points(request: HttpRequest, run_id: int) -> HttpResponse:
    """The points of the run's curves after step `?after=`, as JSON, for a page that missed some."""
    run = Run.objects.own(request.user, run_id)
    after = whole(request.GET.get("after", ""))
    return JsonResponse({"points": curve_points(run, -1 if after is None else after)})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_run(request: HttpRequest, run_id: int) -> HttpResponse:
    """Edit a run's name and note."""
    run = Run.objects.own(request.user, run_id)
    form = RunEditForm(request.POST or None, instance=run)
    if request.method == "POST" and form.is_valid():
        Run.objects.filter(pk=run.pk).update(**form.cleaned_data)
        if run.has_network:
            type(run.network).objects.filter(run=run).update(name=run.name)
        return redirect(run)
    context = {"form": form, "title": "Name and note", "back": run.get_absolute_url()}
    return render(request, "edit.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete_run(request: HttpRequest, run_id: int) -> HttpResponse:
    """Ask, then delete a run with its curves and network; a training run stops."""
    run = Run.objects.own(request.user, run_id)
    if request.method == "POST":
        run.delete()
        notify.line_moved()
        return redirect("training:runs")
    context = {"title": f"Delete “{run.name}”?", "back": run.get_absolute_url(), "run": run}
    return render(request, "training/runs/delete.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_experiment(request: HttpRequest, experiment_id: int) -> HttpResponse:
    """Edit an experiment's name and note."""
    experiment = get_object_or_404(Experiment.objects.of(request.user), pk=experiment_id)
    form = ExperimentForm(request.POST or None, instance=experiment)
    if request.method == "POST" and form.is_valid():
        form.save()
        return redirect("training:runs")
    context = {"form": form, "title": "Name and note", "back": reverse("training:runs")}
    return render(request, "edit.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete_experiment(request: HttpRequest, experiment_id: int) -> HttpResponse:
    """Ask, then delete an experiment and all its runs."""
    experiment = get_object_or_404(Experiment.objects.of(request.user), pk=experiment_id)
    if request.method == "POST":
        experiment.delete()
        notify.line_moved()
        return redirect("training:runs")
    context = {
        "title": f"Delete “{experiment.name}”?",
        "back": reverse("training:runs"),
        "experiment": experiment,
        "count": experiment.runs.count(),
    }
    return render(request, "training/runs/delete.html", context)
