"""Template filters: durations, shares, places in the queue and small curves."""

from django import template

from training.ml.plots.sparkline import sparkline as polyline
from tryml.durations import duration, share

register = template.Library()
register.filter(duration)
register.filter(share)


@register.filter(name="polyline")
def polyline_of(values: list[float], size: str = "96x24") -> str:
    """The points of an SVG polyline through `values`, in a box of `size` pixels, "widthxheight"."""
    width, height = size.split("x")
    return polyline(values, int(width), int(height))


@register.filter
def ordinal_in_line(place: int) -> str:
    """A place in the queue in words: "next in line", "2nd in line" …"""
    if place <= 1:
        return "next in line"
    suffix = "th" if 10 <= place % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return f"{place}{suffix} in line"
