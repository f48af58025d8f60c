"""Corrections: drawings that a shared network misread on another site, with the labels that visitors give them."""

from __future__ import annotations

import json
from dataclasses import dataclass

from digits.ink.checks import RefusedDrawing, Strokes, clean
from digits.models import OwnDrawing, Source
from digits.models.drawing import is_digit
from training.models import Share

MOST_BYTES = 64 * 1024


@dataclass(frozen=True)
class Correction:
    """A drawing, its label, and the network's answer (None: no answer)."""

    strokes: Strokes
    label: int
    answer: int | None

    @classmethod
    def parse(cls, body: bytes) -> Correction:
        """The correction in a request's body. Raises RefusedDrawing for an invalid one."""
        try:
            sent = json.loads(body)
        except (ValueError, RecursionError):
            raise RefusedDrawing("A correction is JSON.") from None
        if not isinstance(sent, dict) or not is_digit(sent.get("label")):
            raise RefusedDrawing("A correction has a label, a digit from 0 to 9.")
        answer = sent.get("answer")
        if answer is not None and not is_digit(answer):
            raise RefusedDrawing("The answer is a digit from 0 to 9, or nothing.")
        return cls(clean(sent.get("strokes")), sent["label"], answer)


def keep(share: Share, correction: Correction) -> None:
    """Add the drawing to the drawings of the network's owner. Raises RefusedDrawing where they have too many."""
    OwnDrawing.objects.keep(
        share.network.owner,
        correction.strokes,
        correction.label,
        answer=correction.answer,
        network=str(share.network_id),
        source=Source.WIDGET,
    )
