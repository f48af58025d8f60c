"""How fast a machine trains with an engine."""

from django.db import models
from django.utils import timezone


class Speed(models.Model):
    """How much time trainings with an engine take on a machine, learnt from the trainings that ended there."""

    machine = models.CharField(max_length=100)
    engine = models.CharField(max_length=20)
    # The machine's time divided by the usual time, from a short calibration before its first training.
    factor = models.FloatField(default=1)
    prices = models.JSONField(help_text="Seconds for one of each thing that a training does.")
    trainings = models.PositiveIntegerField(default=0, help_text="From how many trainings it was learnt.")
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["machine", "engine"], name="one_speed_a_machine"),)

    def __str__(self) -> str:
        return f"{self.engine} on {self.machine}"
