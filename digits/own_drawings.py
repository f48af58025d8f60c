"""My digits: drawings that a user keeps, each with the digit that it is meant to be."""

import json
from typing import Any, TypeAlias, TypeGuard

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models, transaction

from digits.datasets.dataset import DIGITS
from digits.drawn import TAP
from digits.ink import MOST_STROKES, normalise

MOST_A_USER = 2000
MOST_POINTS = 5000  # of a drawing: far more than any digit has, and some 80 kB
PLACES = 4  # decimals of a coordinate: a thirtieth of a pixel on the page's paper

Strokes: TypeAlias = list[list[list[float]]]


class RefusedDrawing(ValueError):
    """Raised for a drawing that can't be kept; its text is one sentence for people."""


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
        strokes: object,
        label: object,
        answer: object = None,
        network: str = "",
        source: str = Source.PAD,
    ) -> "OwnDrawing":
        """Keep what somebody drew: strokes in sides of the paper, the digit it is meant to be, and what the network of
        that key read (None: nothing). Raises RefusedDrawing.
        """
        cleaned = clean(strokes)
        if not is_digit(label) or not (answer is None or is_digit(answer)):
            raise RefusedDrawing("A label is a whole number from 0 to 9.")
        with transaction.atomic():
            get_user_model().objects.select_for_update().get(pk=owner.pk)  # one after the other
            if self.filter(owner=owner).count() >= MOST_A_USER:
                raise RefusedDrawing(
                    f"You have {MOST_A_USER:,} drawings, the most there may be: delete some first."
                )
            return self.create(
                owner=owner,
                strokes=cleaned,
                pixels=normalise(cleaned, smallest=TAP).pixels.tobytes(),
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


def clean(strokes: object) -> Strokes:
    """The strokes as they are kept: rounded, and without empty ones. Raises RefusedDrawing."""
    if not isinstance(strokes, list) or not all(isinstance(stroke, list) for stroke in strokes):
        raise RefusedDrawing("A drawing is a list of strokes, each a list of points.")
    inked = [stroke for stroke in strokes if stroke]
    points = sum(map(len, inked))
    if not inked:
        raise RefusedDrawing("There is no ink: draw something first.")
    if len(inked) > MOST_STROKES:
        raise RefusedDrawing(f"A drawing has at most {MOST_STROKES:,} strokes; this one has {len(inked):,}.")
    if points > MOST_POINTS:
        raise RefusedDrawing(f"A drawing has at most {MOST_POINTS:,} points; this one has {points:,}.")
    return [[_point(point) for point in stroke] for stroke in inked]


def _point(point: object) -> list[float]:
    if not isinstance(point, list) or len(point) != 2 or not all(map(_is_share, point)):
        raise RefusedDrawing("A point is two numbers, x and y, from 0 to 1.")
    return [round(float(value), PLACES) for value in point]


def _is_share(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
