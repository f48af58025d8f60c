"""Networks: trained, imported, and the initial networks of runs."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from training.ml import formats, nn
from training.ml.config.architecture import in_short
from training.models.run import Run


class InitialNetwork(models.Model):
    """The network that a run starts from: a copy, because the original may be deleted or trained further."""

    run = models.OneToOneField(Run, models.CASCADE, primary_key=True, related_name="initial")
    name = models.CharField(max_length=100)
    data = models.BinaryField()
    # Before the training, 0–1, on the run's test split.
    test_accuracy = models.FloatField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class Network(models.Model):
    """A trained or imported network, as bytes of `training.ml.formats`."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="networks")
    run = models.OneToOneField(Run, models.CASCADE, related_name="network", null=True, blank=True)
    # Set if this is the network of the run's best epoch, stored only if that is not the last epoch.
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
        """The run that trained the network; None for an imported network."""
        return self.run or self.best_of

    @property
    def in_short(self) -> str:
        """The layers in one line, without the output."""
        return in_short(self.layers[:-1])

    @staticmethod
    def contents(network: nn.Network, name: str, **metadata: str) -> dict[str, Any]:
        """The values of the fields that store `network`; `metadata` goes into its file."""
        return {
            "name": name,
            "data": formats.dump(network, {"name": name, **metadata}),
            "layers": network.layers,
            "parameter_count": network.parameter_count,
            "saved_at": timezone.now(),
        }
