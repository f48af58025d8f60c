"""Permission for pages of other sites to use a network."""

import secrets
from typing import Self

from django.db import models

from training.models.network import Network


def share_key() -> str:
    """A random key of 128 bits, too long to guess, as text for a URL."""
    return secrets.token_urlsafe(16)


class ShareQuerySet(models.QuerySet["Share"]):
    def active(self) -> Self:
        """Shares that pages may use: switched on, with an owner whose account is active."""
        return self.filter(is_on=True, network__owner__is_active=True)


class Share(models.Model):
    """Permission for pages of other sites to use a network. Switched off, it keeps its key and settings."""

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
        """Whether pages of that origin may use the network; doesn't check `is_on`."""
        return "*" in self.origins or origin in self.origins
