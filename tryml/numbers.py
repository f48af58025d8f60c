"""Numbers that somebody typed, sent or put into an address."""

import math

DIGITS = 18  # of a whole number, at most: what fits into a column of the database


def whole(text: str, most: int = 10**DIGITS - 1) -> int | None:
    """Return the whole number, 0 to `most`, that the text is in the digits 0 to 9; None for any other text.

    `int` takes more (other scripts' digits, signs, underscores) and refuses more than 4,300 digits with an error.
    """
    if not (text.isascii() and text.isdecimal() and len(text) <= DIGITS):
        return None
    number = int(text)
    return number if number <= most else None


def finite(text: str) -> float | None:
    """Return the number that the text is; None for any other text, and for what is infinite or undefined."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
