"""What visitors of other sites say of drawings that a shared network read wrongly."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

from digits.models import OwnDrawing, RefusedDrawing
from training.architecture import CLASSES
from training.models import Share

MOST_BYTES = 64 * 1024


class RefusedCorrection(ValueError):
    """Raised when something is no correction, or can't be kept; its text is one sentence for the visitor."""


@dataclass(frozen=True)
class Correction:
    """A drawing, what the network read, and what it should have."""

    strokes: list[list[list[float]]]  # points [x, y] in sides of the paper
    label: int
    answer: int | None

    @classmethod
    def parse(cls, body: bytes) -> Correction:
        """The correction in a request's body. Raises RefusedCorrection."""
        try:
            sent = json.loads(body)
        except (ValueError, RecursionError):
            raise RefusedCorrection("A correction is JSON.") from None
        if not isinstance(sent, dict) or not _is_digit(sent.get("label")):
            raise RefusedCorrection("A correction has a label, a digit from 0 to 9.")
        answer = sent.get("answer")
        if answer is not None and not _is_digit(answer):
            raise RefusedCorrection("The answer is a digit from 0 to 9, or nothing.")
        if not _are_strokes(sent.get("strokes")):
            raise RefusedCorrection("The strokes are lists of points [x, y], each number from 0 to 1.")
        return cls(sent["strokes"], sent["label"], answer)


def _is_digit(value: Any) -> bool:
    return type(value) is int and 0 <= value < CLASSES


def _are_strokes(value: Any) -> bool:
    return _is_filled(value) and all(
        _is_filled(stroke) and all(_is_point(point) for point in stroke) for stroke in value
    )


def _is_filled(value: Any) -> bool:
    return isinstance(value, list) and len(value) > 0


def _is_point(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(_is_share(number) for number in value)


def _is_share(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value) and 0 <= value <= 1


def keep(share: Share, correction: Correction) -> None:
    """Put the drawing among those of the network's owner. Raises RefusedCorrection."""
    try:
        OwnDrawing.objects.keep(
            share.network.owner,
            correction.strokes,
            correction.label,
            answer=correction.answer,
            network=str(share.network_id),
            source="widget",
        )
    except RefusedDrawing as error:
        raise RefusedCorrection(str(error)) from error
