"""The range or the choices of a value, and the message for a value outside."""

from __future__ import annotations

import math
from collections.abc import Mapping
from reprlib import repr as shortened
from typing import Any, NamedTuple


class Limit(NamedTuple):
    """The range of a number; both ends belong to it unless excluded. Its text is for people."""

    minimum: float
    maximum: float
    excludes_minimum: bool = False
    excludes_maximum: bool = False

    def __contains__(self, value: object) -> bool:
        if not isinstance(value, (int, float)):
            return False
        above = value > self.minimum if self.excludes_minimum else value >= self.minimum
        below = value < self.maximum if self.excludes_maximum else value <= self.maximum
        return above and below

    def __str__(self) -> str:
        above = f"more than {self.minimum:,g}" if self.excludes_minimum else f"at least {self.minimum:,.10g}"
        below = f"less than {self.maximum:,g}" if self.excludes_maximum else f"at most {self.maximum:,.10g}"
        return f"{above} and {below}"


def choice_problem(value: object, known: Mapping[str, str]) -> str:
    """A message for people unless `value` is one of the `known` names; else empty."""
    if isinstance(value, str) and value in known:
        return ""
    return f"Must be one of {', '.join(known)}, not {shortened(value)}."


def number_problem(value: Any, limit: Limit, integer: bool) -> str:
    """A message for people unless `value` is a finite number within `limit`, whole if `integer`; else empty."""
    if not _is_integer(value) and (integer or not isinstance(value, float)):
        return f"Must be a {'whole ' if integer else ''}number, not {shortened(value)}."
    if isinstance(value, float) and not math.isfinite(value):
        return f"Must be {limit}, not {value}."
    return "" if value in limit else f"Must be {limit}, not {_written(value)}."


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _written(number: float) -> str:
    return f"{number:,}" if abs(number) < 1e15 else shortened(number)
