"""Stored checkpoints of runs."""

from typing import TYPE_CHECKING

from django.db import models
from django.utils import timezone

if TYPE_CHECKING:
    from training.models.run import Run


class Checkpoint(models.Model):
    """The last checkpoint of a run, from which it resumes: bytes of `training.ml.engines.Checkpoint`."""

    run = models.OneToOneField("Run", models.CASCADE, primary_key=True, related_name="checkpoint")
    step = models.PositiveIntegerField()
    data = models.BinaryField()
    saved_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"checkpoint of {self.run} at step {self.step}"

    @staticmethod
    def keep(run: "Run", step: int, data: bytes) -> None:
        """Store the run's last checkpoint; replaces the one before without reading it."""
        Checkpoint.objects.bulk_create(
            [Checkpoint(run=run, step=step, data=data, saved_at=timezone.now())],
            update_conflicts=True,
            unique_fields=["run"],
            update_fields=["step", "data", "saved_at"],
        )
