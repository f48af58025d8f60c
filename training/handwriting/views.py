"""My digits: a network's answers for the user's drawings, and the training on these drawings."""

from time import monotonic
from typing import Any, cast
from uuid import UUID, uuid4

import numpy as np
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from digits import datasets
from digits.datasets import DatasetMissing
from digits.datasets.dataset import DIGITS
from digits.ink.png import png
from digits.models import Handwriting
from training import networks
from training.estimates.estimate import estimate
from training.handwriting.scores import Answers, FineTuningReport, MyDigits, pixels, scores
from training.ml.config import presets
from training.ml.config.hyperparameters import Hyperparameters
from training.models import InitialNetwork, Network, Run
from training.networks import Found
from training.worker.submission import Outcome, Refused, Submission, submit
from tryml.web.heavy import heavy
from tryml.web.htmx import HtmxRequest

TILES_A_PAGE = 100
PATIENCE = 2.0  # seconds that one request scores networks for; the next request continues
EXPERIMENT = "My handwriting"


@login_required
@require_safe
@heavy
def my_digits(request: HtmxRequest) -> HttpResponse:
    """The user's drawings with the answers of `?network=`: all, one label (`?label=4`) or mistakes (`?label=wrong`).

    Without `?read`, a slow network's answers are shown only if they are cached; with it, the request waits."""
    mine = MyDigits.of(request.user)
    found = networks.find(request.user, request.GET.get("network") or networks.STARTER)
    if "read" in request.GET or mine.is_quick(found):
        answers: Answers | None = mine.read_by(found)
    else:
        answers = mine.known([found.version]).get(found.version)
    context = _tiles(request, mine, answers) | {
        "mine": mine,
        "network": found,
        "networks": networks.own(request.user),
        "score": None if answers is None else mine.score(answers),
        "token": uuid4(),
        "query": request.GET.urlencode(),
    }
    if mine.ids:
        handwriting = Handwriting(base=datasets.load().name, drawings=mine.ids)
        hyperparameters = _hyperparameters(found, handwriting)
        context["estimate"] = estimate(hyperparameters, handwriting.train_count)
    page = "training/handwriting/_my_digits.html" if request.htmx else "training/handwriting/my_digits.html"
    return render(request, page, context)


def _tiles(request: HttpRequest, mine: MyDigits, answers: Answers | None) -> dict[str, Any]:
    """The requested page of drawings, the number of drawings per label, and the number of mistakes."""
    label = request.GET.get("label", "")
    wrong = np.zeros(len(mine), bool) if answers is None else answers != mine.labels  # (n,)
    if label == "wrong":
        rows = np.flatnonzero(wrong)
    elif label in [str(digit) for digit in range(DIGITS)]:
        rows = np.flatnonzero(mine.labels == int(label))
    else:
        label, rows = "", np.arange(len(mine))
    page = Paginator(rows, TILES_A_PAGE).get_page(request.GET.get("page"))
    images = pixels(mine.ids[row] for row in page)
    return {
        "label": label,
        "labels": [
            (str(digit), int(n)) for digit, n in enumerate(np.bincount(mine.labels, minlength=DIGITS))
        ],
        "wrong": int(wrong.sum()),
        "page": page,
        "tiles": [
            {
                "id": mine.ids[row],
                "label": int(mine.labels[row]),
                "answer": None if answers is None else int(answers[row]),
                "png": png(images[mine.ids[row]]),
            }
            for row in page
            if mine.ids[row] in images
        ],
    }


@login_required
@require_safe
@heavy
def my_scores(request: HttpRequest) -> HttpResponse:
    """The partial with the score of each of the user's networks on their drawings. One request scores networks for
    PATIENCE seconds; the page asks again until all have a score."""
    mine = MyDigits.of(request.user)
    own = networks.own(request.user) if mine.ids else []
    counted = scores(mine, own)
    missing = [network.pk for network in own if network.pk not in counted]
    started = monotonic()
    for network in Network.objects.filter(pk__in=missing).iterator(chunk_size=1):
        if monotonic() - started > PATIENCE:
            break
        counted[network.pk] = mine.score(mine.read_by(networks.opened(network)))
    context = {"scores": counted, "goes_on": len(counted) < len(own), "mine": mine}
    return render(request, "training/handwriting/_my_scores.html", context)


@login_required
@require_safe
@heavy
def my_result(request: HttpRequest, run_id: int) -> HttpResponse:
    """The partial of a run's result with its score on the user's drawings; for a run that learnt their handwriting,
    also the score before, and the new answers for the old mistakes."""
    run = Run.objects.own(request.user, run_id)
    mine = MyDigits.of(request.user)
    context: dict[str, Any] = {"run": run, "mine": mine}
    if mine.ids and run.has_network:
        context["score"] = mine.score(mine.read_by(networks.opened(run.network)))
        context["report"] = FineTuningReport.of(run, mine)
    return render(request, "training/handwriting/_my_result.html", context)


@login_required
@require_POST
@heavy
def learn(request: HttpRequest) -> HttpResponse:
    """Start a run in which a copy of `network` learns the user's handwriting. A form sent twice starts one run."""
    user, found = cast(Any, request.user), networks.find(request.user, request.POST.get("network", ""))
    try:
        handwriting = Handwriting.objects.take(user)
    except DatasetMissing as error:
        return _refused(request, str(error))
    wanted = Submission(
        owner=user,
        experiment=EXPERIMENT,
        name=f"{found.name[:80]}, my handwriting",
        hyperparameters=_hyperparameters(found, handwriting),
        engine="numpy",
        dataset=handwriting.key,
        initial=InitialNetwork(name=found.name, data=found.data),
        token=_token(request.POST.get("token", "")),
    )
    try:
        run, outcome = submit(wanted)
    except Refused as refused:
        return _refused(request, str(refused))
    if outcome is Outcome.TRAINED_BEFORE:
        messages.info(
            request,
            "This network has learnt exactly these drawings before: here is the result. Draw more to teach it more.",
        )
    return redirect(run)


def _refused(request: HttpRequest, problem: str) -> HttpResponse:
    messages.error(request, problem)
    return redirect("training:my_digits")


def _token(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return uuid4()


def _hyperparameters(found: Found, handwriting: Handwriting) -> Hyperparameters:
    return presets.fine_tuning(networks.load(found).layers[:-1], handwriting.train_count)
