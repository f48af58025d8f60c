"""How fast a machine trains with an engine."""

from django.db import models
from django.utils import timezone


class Speed(models.Model):
    """What trainings cost on a machine with an engine, learnt from those that ended there."""

    machine = models.CharField(max_length=100)
    engine = models.CharField(max_length=20)
    # How many times slower than usual a short calibration found the machine, before it had trained anything.
    factor = models.FloatField(default=1)
    prices = models.JSONField(help_text="Seconds for one of each thing that a training does.")
    trainings = models.PositiveIntegerField(default=0, help_text="From how many trainings it was learnt.")
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["machine", "engine"], name="one_speed_a_machine"),)

    def __str__(self) -> str:
        return f"{self.engine} on {self.machine}"
