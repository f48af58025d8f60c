"""Networks: trained, imported, and those that runs start from."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from training.ml import formats, nn
from training.ml.config.architecture import in_short
from training.models.run import Run


class InitialNetwork(models.Model):
    """The network that a run starts from: a copy, since the one it was may be deleted or trained on."""

    run = models.OneToOneField(Run, models.CASCADE, primary_key=True, related_name="initial")
    name = models.CharField(max_length=100)
    data = models.BinaryField()
    # On the run's test split: what it was before the training.
    test_accuracy = models.FloatField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class Network(models.Model):
    """A trained network in its canonical form, as bytes of `training.ml.formats`."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="networks")
    run = models.OneToOneField(Run, models.CASCADE, related_name="network", null=True, blank=True)
    # Beside a run's last network, that of its best epoch where it isn't the same.
    best_of = models.OneToOneField(Run, models.CASCADE, related_name="best_network", null=True, blank=True)
    name = models.CharField(max_length=100)
    data = models.BinaryField()
    layers = models.JSONField(default=list, help_text="All layers, the output included.")
    parameter_count = models.PositiveIntegerField(default=0)
    test_accuracy = models.FloatField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-created_at",)
        indexes = (models.Index(fields=["owner", "-created_at"]),)

    def __str__(self) -> str:
        return self.name

    @property
    def made_by(self) -> "Run | None":
        """The run that trained it; None for an imported one."""
        return self.run or self.best_of

    @property
    def in_short(self) -> str:
        """Its layers in a line, without the output."""
        return in_short(self.layers[:-1])

    @staticmethod
    def contents(network: nn.Network, name: str, **metadata: str) -> dict[str, Any]:
        """The fields that hold `network`."""
        return {
            "name": name,
            "data": formats.dump(network, {"name": name, **metadata}),
            "layers": network.layers,
            "parameter_count": network.parameter_count,
            "saved_at": timezone.now(),
        }
