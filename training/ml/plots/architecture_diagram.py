"""A drawing of a network's layers: maps as stacks, sequences as rows, neurons as dots, and lines between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import log2

from digits.datasets.dataset import SIDE
from training.ml.config.architecture import Layer
from training.ml.config.layer_types import IMAGE, Shape, written

WIDTH, HEIGHT = 320, 150  # of the viewBox, captions included
FLOOR = 120  # below it there are captions
MARGIN = 28
MOST_COLUMNS = 14  # more are left out in the middle
CAPTIONS = 9  # columns whose captions fit side by side
TIGHT = 6  # of more, they are shortened

Line = tuple[float, float, float, float]


@dataclass
class Column:
    """What a layer gives, drawn around x: any of squares (x, y, side), bars (x, y, width) and dots (x, y)."""

    shape: Shape
    x: float
    caption: tuple[str, str]  # two lines
    squares: list[tuple[float, float, float]] = field(default_factory=list)
    bars: list[tuple[float, float, float]] = field(default_factory=list)
    dots: list[tuple[float, float]] = field(default_factory=list)

    @property
    def left(self) -> list[tuple[float, float]]:
        """Where lines from the layer before end."""
        if self.dots:
            return self.dots
        if self.bars:
            return [(x, y + 1) for x, y, _ in self.bars[:: max(1, len(self.bars) // 4)]]
        x, y, side = self.squares[0]
        return [(x, y + side / 4), (x, y + 3 * side / 4)]

    @property
    def right(self) -> list[tuple[float, float]]:
        """Where lines to the next layer start."""
        if self.dots:
            return self.dots
        if self.bars:
            return [(x + width, y + 1) for x, y, width in self.bars[-1:]]
        x, y, side = self.squares[-1]
        return [(x + side, y + side * share) for share in (0, 0.33, 0.67, 1)]


@dataclass(frozen=True)
class Patch:
    x: float
    y: float
    side: float
    lines: list[Line]


class ArchitectureDiagram(list[Column]):
    """Columns from the image to the answer, in the coordinates of the partial's viewBox."""

    @property
    def lines(self) -> list[Line]:
        """The lines from each layer to the next."""
        return [
            (*start, *end)
            for before, after in pairwise(self)
            if not (before.squares and after.squares)
            for start in before.right
            for end in after.left
        ]

    @property
    def patches(self) -> list[Patch]:
        """For each map, the patch that one cell of the next map reads."""
        return [_patch(before, after) for before, after in pairwise(self) if before.squares and after.squares]

    @property
    def says(self) -> str:
        """The layers in words."""
        return (
            "From the image to ten digits: " + ", then ".join(written(column.shape) for column in self) + "."
        )


def architecture_diagram(layers: Sequence[Layer]) -> ArchitectureDiagram:
    """Lay out what the layers make of an image, those left out that keep its shape."""
    shapes: list[Shape] = [IMAGE]
    for layer in layers:
        if layer.gives != shapes[-1] or layer.spec["type"] in {"dense", "conv2d"}:
            shapes.append(layer.gives)
    if len(shapes) > MOST_COLUMNS:
        shapes = shapes[: MOST_COLUMNS // 2] + shapes[-MOST_COLUMNS // 2 :]
    gap = (WIDTH - 2 * MARGIN) / max(1, len(shapes) - 1)
    room = min(gap * 0.86, 52.0)
    return ArchitectureDiagram(
        _column(shape, round(MARGIN + i * gap, 1), room, i, len(shapes)) for i, shape in enumerate(shapes)
    )


def _column(shape: Shape, x: float, room: float, number: int, count: int) -> Column:
    is_captioned = count <= CAPTIONS or number in {0, count - 1}
    column = Column(shape, x, _caption(shape, count > TIGHT) if is_captioned else ("", ""))
    middle = FLOOR / 2
    if len(shape) == 3:
        _stack(column, x, middle, room)
    elif len(shape) == 2:
        _rows(column, x, middle, room)
    else:
        column.dots = [(x, y) for y in _spread(shape[0], middle)]
    return column


def _caption(shape: Shape, is_tight: bool) -> tuple[str, str]:
    if len(shape) == 3:
        sides = f"{shape[0]}²" if is_tight and shape[0] == shape[1] else f"{shape[0]}×{shape[1]}"
        return sides, "image" if shape == IMAGE else f"× {shape[2]}"
    return (f"{shape[0]} steps", f"× {shape[1]}") if len(shape) == 2 else (f"{shape[0]:,}", "")


def _stack(column: Column, x: float, middle: float, room: float) -> None:
    """Squares as large as the map, one behind the other: more for more channels."""
    height, width, channels = column.shape
    plates = 1 if channels == 1 else min(6, 1 + round(log2(channels) / 1.4))
    shift = min(3.0, room / 12)
    side = max(5.0, min(room - shift * (plates - 1), 48.0) * (max(height, width) / SIDE) ** 0.6)
    span = side + shift * (plates - 1)
    for plate in range(plates):
        offset = shift * plate - span / 2
        column.squares.append((round(x + offset, 1), round(middle + offset, 1), round(side, 1)))


def _rows(column: Column, x: float, middle: float, room: float) -> None:
    """A bar for each of some steps, the wider the more features."""
    steps, features = column.shape
    count = min(steps, 14)
    pitch = 6.0
    width = round(min(room, 6 + 3.2 * log2(features + 1)), 1)
    top = middle - pitch * (count - 1) / 2 - 1
    column.bars = [(round(x - width / 2, 1), round(top + pitch * i, 1), width) for i in range(count)]


def _spread(size: int, middle: float) -> list[float]:
    """Heights of dots: their number grows with the logarithm of the size."""
    count = min(size, max(2, round(log2(size)))) if size > 1 else 1
    step = min(13.0, (FLOOR - 12) / count)
    return [round(middle + step * (i - (count - 1) / 2), 1) for i in range(count)]


def _patch(before: Column, after: Column) -> Patch:
    x, y, side = before.squares[-1]
    to_x, to_y, to_side = after.squares[-1]
    size = round(side / 4, 1)
    left, top = round(x + side * 0.55, 1), round(y + side * 0.3, 1)
    end = round(to_x + to_side * 0.65, 1), round(to_y + to_side * 0.45, 1)
    lines = [(round(left + size, 1), round(edge, 1), *end) for edge in (top, top + size)]
    return Patch(left, top, size, lines)
