"""A run's curves as a chart wants them."""

from typing import Any

from training.models import Run

FIELDS = ("step", "epoch", "train_loss", "train_accuracy", "val_loss", "val_accuracy", "seconds", "pinned")


def curve_points(run: Run, after: int = -1) -> list[dict[str, Any]]:
    """The points of `run` with a step beyond `after`, in order, ready for JSON."""
    return list(run.points.filter(step__gt=after).values(*FIELDS))
