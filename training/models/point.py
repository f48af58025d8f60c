"""The points of a run's curves."""

from collections.abc import Sequence
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from training.ml import engines
from training.models.run import Run

# The fields that a page gets.
FIELDS = ("step", "epoch", "train_loss", "train_accuracy", "val_loss", "val_accuracy", "seconds", "pinned")


class Point(models.Model):
    """A stored training.ml.engines.Point of a run; `val_*` is None where validation wasn't measured."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="points")
    step = models.PositiveIntegerField()
    epoch = models.FloatField()
    train_loss = models.FloatField()
    train_accuracy = models.FloatField()
    val_loss = models.FloatField(null=True)
    val_accuracy = models.FloatField(null=True)
    seconds = models.FloatField()
    pinned = ArrayField(models.FloatField(), null=True, help_text="What it read in the run's pinned drawing.")

    class Meta:
        ordering = ("step",)
        constraints = (models.UniqueConstraint(fields=["run", "step"], name="one_point_a_step"),)

    def __str__(self) -> str:
        return f"step {self.step}"

    @staticmethod
    def keep(run: Run, points: Sequence[engines.Point]) -> None:
        """Store `points`. Points that a resumed run measures again replace the stored ones of the same step."""
        rows = [Point(run=run, **{name: getattr(p, name) for name in FIELDS}) for p in points]
        Point.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["run", "step"], update_fields=list(FIELDS[1:])
        )


def curve_points(run: Run, after: int = -1) -> list[dict[str, Any]]:
    """The points of `run` after step `after`, by step, ready for JSON."""
    return list(run.points.filter(step__gt=after).values(*FIELDS))
