"""A user's pinned drawing, which their runs read while they train."""

from typing import Any

from django.conf import settings
from django.db import models

from digits.ink.checks import Strokes
from digits.ink.strokes import TAP, normalise


class PinnedDrawingQuerySet(models.QuerySet["PinnedDrawing"]):
    def pin(self, owner: Any, strokes: Strokes) -> "PinnedDrawing":
        """Pin a drawing of checked strokes; it replaces the owner's earlier one."""
        fields = {"strokes": strokes, "pixels": normalise(strokes, smallest=TAP).pixels.tobytes()}
        return self.update_or_create(owner=owner, defaults=fields)[0]

    def pixels_of(self, owner_id: int) -> bytes | None:
        """The 784 pixels of the owner's pinned drawing, one byte each, row by row; None without one."""
        pixels = self.filter(owner=owner_id).values_list("pixels", flat=True).first()
        return None if pixels is None else bytes(pixels)


class PinnedDrawing(models.Model):
    """The drawing that a user's runs read while they train."""

    owner = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="pinned_drawing")
    strokes = models.JSONField(help_text="Lists of points, x and y in sides of the paper.")
    pixels = models.BinaryField(help_text="The 784 that networks see.")
    pinned_at = models.DateTimeField(auto_now=True)

    objects = PinnedDrawingQuerySet.as_manager()

    def __str__(self) -> str:
        return f"pinned drawing of {self.owner}"
