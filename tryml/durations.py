"""Spans of time and shares, as people read them."""


def duration(seconds: float | None) -> str:
    """Write seconds as "3.2 s", "14 s", "2 min 5 s" or "1 h 10 min"; a dash for None."""
    if seconds is None:
        return "–"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest and minutes < 10 else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def share(value: float | None, digits: int = 2) -> str:
    """Write a fraction as a percentage: 0.9812 is "98.12 %"; a dash for None."""
    return "–" if value is None else f"{100 * value:.{digits}f} %"
