"""A drawing of a network's layers: columns of dots, a few for many neurons, and lines between neighbours."""

from dataclasses import dataclass
from itertools import pairwise
from math import log2

WIDTH, HEIGHT = 320, 108
MARGIN = 20


@dataclass(frozen=True)
class Column:
    size: int
    x: float
    dots: list[float]


class Sketch(list[Column]):
    """Columns from input to output, in the coordinates of the partial's viewBox."""

    @property
    def edges(self) -> list[tuple[float, float, float, float]]:
        return [
            (left.x, y1, right.x, y2)
            for left, right in pairwise(self)
            for y1 in left.dots
            for y2 in right.dots
        ]


def sketch(sizes: tuple[int, ...]) -> Sketch:
    """Lay out layers of `sizes` neurons; the number of dots grows with the logarithm of the size."""
    gap = (WIDTH - 2 * MARGIN) / max(1, len(sizes) - 1)
    return Sketch(Column(size, round(MARGIN + i * gap, 1), _dots(size)) for i, size in enumerate(sizes))


def _dots(size: int) -> list[float]:
    count = min(size, max(2, round(log2(size)))) if size > 1 else 1
    step = min(13.0, (HEIGHT - 12) / count)
    top = (HEIGHT - step * (count - 1)) / 2
    return [round(top + step * i, 1) for i in range(count)]
