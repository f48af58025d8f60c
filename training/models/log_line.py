"""The log of a run."""

from django.db import models

from training.models.run import Run


class LogLine(models.Model):
    """A line of a run's log, for its owner."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="lines")
    at = models.DateTimeField(auto_now_add=True)
    level = models.CharField(max_length=7, default="info")
    text = models.CharField(max_length=1000)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.text
