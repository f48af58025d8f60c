"""My digits: drawings that a user keeps, each with the digit that it is meant to be."""

import json
from typing import Any, TypeGuard

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models, transaction

from digits.datasets.dataset import DIGITS
from digits.ink.checks import RefusedDrawing, Strokes
from digits.ink.strokes import TAP, normalise

MOST_DRAWINGS = 2000


class Source(models.TextChoices):
    """Where somebody drew it."""

    PAD = "pad", "the page"
    WIDGET = "widget", "a widget"


class OwnDrawingQuerySet(models.QuerySet["OwnDrawing"]):
    def of(self, user: Any) -> "OwnDrawingQuerySet":
        """Those that this visitor may see, newest first: their own."""
        return self.filter(owner=user) if user.is_authenticated else self.none()

    def keep(
        self,
        owner: Any,
        strokes: Strokes,
        label: object,
        answer: object = None,
        network: str = "",
        source: str = Source.PAD,
    ) -> "OwnDrawing":
        """Keep what somebody drew: strokes that were checked, the digit it is meant to be, and what the network of
        that key read (None: nothing). Raises RefusedDrawing.
        """
        if not is_digit(label) or not (answer is None or is_digit(answer)):
            raise RefusedDrawing("A label is a whole number from 0 to 9.")
        with transaction.atomic():
            get_user_model().objects.select_for_update().get(pk=owner.pk)  # one after the other
            if self.filter(owner=owner).count() >= MOST_DRAWINGS:
                raise RefusedDrawing(
                    f"You have {MOST_DRAWINGS:,} drawings, the most there may be: delete some first."
                )
            return self.create(
                owner=owner,
                strokes=strokes,
                pixels=normalise(strokes, smallest=TAP).pixels.tobytes(),
                label=label,
                answer=answer,
                network=network[:20],
                source=source,
            )


class OwnDrawing(models.Model):
    """A digit that a user drew and kept. Ink never changes once it is kept; the label may."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="drawings")
    strokes = models.JSONField(help_text="Lists of points [x, y] in sides of the paper, y downwards.")
    pixels = models.BinaryField(help_text="784 bytes: the image that networks see, row by row.")
    label = models.PositiveSmallIntegerField(help_text="The digit that it is meant to be.")
    answer = models.PositiveSmallIntegerField(null=True, blank=True, help_text="What the network read.")
    network = models.CharField(max_length=20, blank=True, help_text="Which network: its key.")
    source = models.CharField(max_length=6, choices=Source, default=Source.PAD)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OwnDrawingQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        indexes = (models.Index(fields=["owner", "-id"]),)
        constraints = (
            models.CheckConstraint(condition=models.Q(label__lt=DIGITS), name="drawing_label_is_a_digit"),
        )

    def __str__(self) -> str:
        return f"drawing {self.pk} of a {self.label}"

    def as_json(self) -> str:
        """One line that says all of it, as the collections of pen strokes that we read do."""
        row = {
            "id": self.pk,
            "label": self.label,
            "writer": "me",
            "box": "paper",
            "strokes": self.strokes,
            "answer": self.answer,
            "network": self.network,
            "created_at": self.created_at.isoformat(),
        }
        return json.dumps(row, separators=(",", ":")) + "\n"


def is_digit(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < DIGITS
