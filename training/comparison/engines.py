"""Head to head: the same training on several engines, side by side."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from digits import library
from digits.datasets import DatasetMissing, Split
from training.comparison.answers import probabilities
from training.ml.engines import ENGINES, Engine
from training.ml.evaluation.agreement import Agreement
from training.models import Run
from training.models.point import curve_points
from tryml.web.htmx import HtmxRequest


@dataclass
class Contender:
    """An engine and its run of this training."""

    engine: Engine
    run: Run | None = None
    problem: str = ""  # why it can't train this
    agreement: Agreement | None = None  # with the first engine whose run has a network

    @property
    def epoch_seconds(self) -> float | None:
        """Mean seconds per epoch so far; None before the end of the first."""
        return self.run.seconds / self.run.epoch if self.run and self.run.epoch else None

    @property
    def points(self) -> list[dict[str, Any]]:
        return curve_points(self.run) if self.run else []

    @property
    def first_loss(self) -> float | None:
        """Validation loss after the first epoch, when engines with the same start are still close."""
        return next(
            (p["val_loss"] for p in self.points if p["val_loss"] is not None and p["epoch"] >= 1), None
        )


@login_required
@require_safe
def versus(request: HtmxRequest, run_id: int) -> HttpResponse:
    """A run's training on each engine: curves, seconds per epoch, agreement; a button for each engine without a run."""
    run = get_object_or_404(Run.objects.of(request.user), pk=run_id)
    corners = _contenders(request, run)
    ended = [c for c in corners if c.run and c.run.has_network]
    if len(ended) > 1 and (test := _test(run)) is not None:
        answers = [probabilities(request.user, c.run.network, run.dataset, test) for c in ended if c.run]
        for corner, answer in zip(ended[1:], answers[1:], strict=True):
            corner.agreement = Agreement.between(answers[0], answer)
    curves = [{"label": c.engine.label, "points": c.points} for c in corners if c.run]
    context = {
        "run": run,
        "corners": corners,
        "curves": curves,
        "reference": ended[0] if ended else None,
        "is_active": any(c.run and c.run.is_active for c in corners),
    }
    template = "training/comparison/_engines.html" if request.htmx else "training/comparison/engines.html"
    return render(request, template, context)


def _test(run: Run) -> Split | None:
    """The test images for the comparison; None where they are gone, for instance because drawings were deleted."""
    try:
        return library.load(run.dataset).test
    except DatasetMissing:
        return None


def _contenders(request: HttpRequest, run: Run) -> list[Contender]:
    same = Run.objects.of(request.user).shown().filter(setup=run.setup) if run.setup else Run.objects.none()
    latest = {other.engine: other for other in same.order_by("created_at")} | {run.engine: run}
    corners = []
    for name, engine in ENGINES.items():
        problem = "" if engine.missing else " ".join(engine.problems(run.hyperparameters).values())
        corners.append(Contender(engine, latest.get(name), problem))
    return corners
