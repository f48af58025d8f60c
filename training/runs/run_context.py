"""The content of a run's page: the same for the first rendering, for later pushes, and for administrators."""

import json
from typing import Any

import numpy as np
from django.urls import reverse
from django.utils.http import urlencode

from digits import library
from digits.ink.png import png
from digits.ink.strokes import FIELD
from training.ml.config.architecture import in_short
from training.ml.config.choices import OPTIONAL
from training.ml.config.hyperparameters import Hyperparameters
from training.ml.evaluation.confusion import Confusion
from training.models import Run
from training.models.point import curve_points

LOG_LINES = 100
# Hyperparameters whose default means "off": the page shows them only where they differ from it.
UNSAID = OPTIONAL - {"training_images"} | {
    name
    for name, value in Hyperparameters().to_dict().items()
    if value in (0.0, "natural") and name != "seed"
}


def run_context(run: Run, after: int = -1, line: int = 0) -> dict[str, Any]:
    """The context of the page's partials, with the points after step `after` and the log lines after number `line`."""
    points = curve_points(run, after)
    return {
        "run": run,
        "points": points,
        "points_json": json.dumps(points),
        "changes_json": json.dumps(_changes(run)),
        "last_step": points[-1]["step"] if points else after,
        "confusion": confusion(run),
        "browser": _browser(run),
        "parameters": _parameters(run.hyperparameters),
        "layers": in_short(run.hyperparameters.layers),
        "lead": _lead(run),
        "lines": list(run.lines.filter(pk__gt=line).order_by("-pk")[:LOG_LINES])[::-1],
    }


def confusion(run: Run) -> Confusion | None:
    """The confusion matrix of the run's test; None until the run has ended."""
    return Confusion(run.confusion, library.names(run.dataset)) if run.confusion else None


def _browser(run: Run) -> str:
    """The address of the browser with the run's network and dataset; empty where either is gone."""
    if not run.has_network or not library.is_known(run.dataset):
        return ""
    query = urlencode({"dataset": run.dataset, "network": f"{run.network.pk}"})
    return f"{reverse('digits:browser')}?{query}"


def pinned_tile(run: Run) -> str | None:
    """The drawing that was pinned when the run was started, as a `data:` URL; None where there was none."""
    return png(np.frombuffer(run.pinned, np.uint8).reshape(FIELD, FIELD)) if run.pinned else None


def _changes(run: Run) -> list[dict[str, float]]:
    """The changes of the learning rate during the training: epoch (a fraction) and new rate."""
    steps_per_epoch = run.steps / run.hyperparameters.epochs if run.steps else 0
    if not steps_per_epoch:
        return []
    changes = run.hyperparameters.learning_rate_changes
    return [{"epoch": step / steps_per_epoch, "rate": rate} for step, rate in changes]


def _parameters(hyperparameters: Hyperparameters) -> list[tuple[str, Any, bool]]:
    """(name, value, whether it differs from the default) of each hyperparameter that has an effect."""
    differing = hyperparameters.differences(Hyperparameters())
    return [
        (name, "all" if value is None else value, name in differing)
        for name, value in hyperparameters.to_dict().items()
        if hyperparameters.uses(name) and (name in differing or name not in UNSAID)
        if name not in {"layers", "learning_rate_changes"}
    ]


def _lead(run: Run) -> str:
    """Compares the run with the best other run of its experiment on the same dataset, in percentage points of
    test accuracy; empty where either has none."""
    if run.test_accuracy is None:
        return ""
    others = Run.objects.filter(experiment=run.experiment_id, dataset=run.dataset).exclude(pk=run.pk)
    best = others.filter(test_accuracy__isnull=False).order_by("-test_accuracy").first()
    if best is None or best.test_accuracy is None:
        return ""
    gap = 100 * (run.test_accuracy - best.test_accuracy)
    if gap > 0:
        return f"the best of its experiment, {gap:.2f} points ahead of “{best.name}”"
    return (
        f"{-gap:.2f} points behind “{best.name}”, the best of its experiment"
        if gap
        else f"level with “{best.name}”"
    )
