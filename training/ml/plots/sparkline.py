"""A small curve without axes, for a row of a list."""


def sparkline(values: list[float], width: int = 96, height: int = 24) -> str:
    """The `points` of an SVG polyline through `values`, low values at the bottom; empty for fewer than two values."""
    if len(values) < 2:
        return ""
    low, high = min(values), max(values)
    span = (high - low) or 1.0
    across = width / (len(values) - 1)
    return " ".join(
        f"{index * across:.1f},{1 + (height - 2) * (1 - (value - low) / span):.1f}"
        for index, value in enumerate(values)
    )
