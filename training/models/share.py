"""What an owner allows of a network on pages elsewhere."""

import secrets
from typing import Self

from django.db import models

from training.models.network import Network


def share_key() -> str:
    """A key that nobody guesses."""
    return secrets.token_urlsafe(16)


class ShareQuerySet(models.QuerySet["Share"]):
    def active(self) -> Self:
        """Those that pages may use: not of an owner who is no longer let in."""
        return self.filter(is_on=True, network__owner__is_active=True)


class Share(models.Model):
    """What its owner allows of a network on pages elsewhere. Off and on again, it keeps its key and settings."""

    network = models.OneToOneField(Network, models.CASCADE, primary_key=True, related_name="share")
    key = models.CharField(max_length=32, unique=True, default=share_key, editable=False)
    is_on = models.BooleanField(default=True)
    origins = models.JSONField(default=list, help_text="As browsers send them; “*” stands for all.")
    quantised = models.BooleanField(default=False, help_text="Weights go out in 8 bits.")
    corrections = models.BooleanField(default=False, help_text="Visitors may send drawings.")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ShareQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.network} on {', '.join(self.origins)}"

    def allows(self, origin: str) -> bool:
        """Whether pages of that origin may use it."""
        return "*" in self.origins or origin in self.origins
