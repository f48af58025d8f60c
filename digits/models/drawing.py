"""My digits: drawings that a user keeps, each with its label."""

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
    """Where the drawing was made."""

    PAD = "pad", "the page"
    WIDGET = "widget", "a widget"


class OwnDrawingQuerySet(models.QuerySet["OwnDrawing"]):
    def of(self, user: Any) -> "OwnDrawingQuerySet":
        """The visitor's own drawings, newest first; none for an anonymous visitor."""
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
        """Store a drawing: checked strokes, its label, and the answer (None: no answer) of the network with that key.

        Raises RefusedDrawing for a label or answer that is no digit, and for more than MOST_DRAWINGS drawings.
        """
        if not is_digit(label) or not (answer is None or is_digit(answer)):
            raise RefusedDrawing("A label is a whole number from 0 to 9.")
        with transaction.atomic():
            # The lock makes requests of one user wait for each other. Without it: 1. Two requests count one drawing
            # fewer than allowed. 2. Both create one, and there is one too many.
            get_user_model().objects.select_for_update().get(pk=owner.pk)
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
    """A digit that a user drew and kept. Its ink never changes; its label may."""

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
        """One line of JSON with all fields but the pixels, in the format of the pen strokes that `pendigits` reads."""
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
