"""Controls of a run for its owner: pause, step, change the learning rate, stop, train on, train again."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from training.ml.engines import ENGINES
from training.models import Run
from training.runs.forms import EpochsForm, RateForm
from training.worker import notify, submission
from training.worker.actors import enqueue
from tryml.web.htmx import HtmxRequest


def _change(request: HtmxRequest, run: Run, change: Callable[[Run], bool]) -> HttpResponse:
    """Apply `change` to a run, tell its pages, and answer with the run's new state."""
    if change(run):
        notify.changed(run)
        notify.line_moved()
        enqueue(run)
    run.refresh_from_db()
    return _state(request, run)


def _state(request: HtmxRequest, run: Run, **more: Any) -> HttpResponse:
    if request.htmx:
        return render(request, "training/runs/_state.html", {"run": run, **more})
    return redirect(run)


@login_required
@require_POST
def steer(request: HtmxRequest, run_id: int, change: Callable[[Run], bool]) -> HttpResponse:
    """Apply the change that belongs to the URL to a run."""
    return _change(request, Run.objects.own(request.user, run_id), change)


@login_required
@require_POST
def back(request: HtmxRequest, run_id: int, change: Callable[[Run], bool]) -> HttpResponse:
    """Queue a paused run again by the change that belongs to the URL: resume it, or train one batch or epoch."""
    run = Run.objects.own(request.user, run_id)
    try:
        return _change(request, run, lambda run: submission.bring_back(run, change))
    except submission.Refused as refused:
        if not request.htmx:
            messages.error(request, str(refused))
        return _state(request, run, problem=str(refused))


@login_required
@require_POST
def rate(request: HtmxRequest, run_id: int) -> HttpResponse:
    """Change the learning rate of a run that has not ended."""
    run, form = Run.objects.own(request.user, run_id), RateForm(request.POST)
    if not form.is_valid():
        problem = " ".join(map(str, form.errors["learning_rate"]))
        return _state(request, run, rate_problem=problem, rate_typed=request.POST.get("learning_rate", ""))
    return _change(request, run, lambda run: run.change_rate(form.cleaned_data["learning_rate"]))


@login_required
@require_POST
def train_on(request: HtmxRequest, run_id: int) -> HttpResponse:
    """Train an ended run for more epochs, from where it ended."""
    run, form = Run.objects.own(request.user, run_id), EpochsForm(request.POST)
    if not form.is_valid():
        return _state(request, run, epochs_problem=" ".join(map(str, form.errors["epochs"])))
    try:
        return _change(request, run, lambda run: submission.train_on(run, form.cleaned_data["epochs"]))
    except submission.Refused as refused:
        return _state(request, run, epochs_problem=str(refused))


@login_required
@require_POST
def again(request: HtmxRequest, run_id: int) -> HttpResponse:
    """Start a new run with the same training, from the first step; `engine` in the POST names another engine."""
    run, engine = Run.objects.own(request.user, run_id), request.POST.get("engine", "")
    if engine and (engine not in ENGINES or not ENGINES[engine].can_train(run.hyperparameters)):
        return HttpResponseBadRequest("That engine isn't installed here, or can't train this.")
    try:
        new, _ = submission.submit(submission.again(run, engine), anew=True)
    except submission.Refused as refused:
        return HttpResponseBadRequest(str(refused))
    page = reverse("training:versus", args=[new.pk]) if engine else new.get_absolute_url()
    # A form pushed over the WebSocket holds no CSRF token: htmx sends the token as a header, and follows only
    # a client redirect to another page.
    return HttpResponseClientRedirect(page) if request.htmx else redirect(page)
