"""A run's curves as a chart wants them."""

from typing import Any

from training.models import Run

FIELDS = ("step", "epoch", "train_loss", "train_accuracy", "val_loss", "val_accuracy", "seconds", "pinned")


def curve_points(run: Run, after: int = -1) -> list[dict[str, Any]]:
    """The points of `run` with a step beyond `after`, in order, ready for JSON."""
    return list(run.points.filter(step__gt=after).values(*FIELDS))


def sparkline(values: list[float], width: int = 96, height: int = 24) -> str:
    """The `points` of an SVG polyline through `values`, low ones at the bottom; empty for fewer than two."""
    if len(values) < 2:
        return ""
    low, high = min(values), max(values)
    span = (high - low) or 1.0
    across = width / (len(values) - 1)
    return " ".join(
        f"{index * across:.1f},{1 + (height - 2) * (1 - (value - low) / span):.1f}"
        for index, value in enumerate(values)
    )
