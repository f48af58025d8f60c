"""A diagram of a network's layers: maps as stacks of squares, sequences as bars, neurons as dots; lines join them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import log2

from digits.datasets.dataset import SIDE
from training.ml.config.architecture import Layer
from training.ml.config.layer_types import IMAGE, Shape, written

WIDTH, HEIGHT = 320, 150  # of the viewBox, captions included
FLOOR = 120  # y below which the captions stand
MARGIN = 28
MOST_COLUMNS = 14  # of more columns, those in the middle are left out
CAPTIONS = 9  # columns at most whose captions all fit; of more, only the first and last have one
TIGHT = 6  # columns at most with captions in full; of more, captions are shortened

Line = tuple[float, float, float, float]


@dataclass
class Column:
    """A layer's output, drawn around x as squares (x, y, side), bars (x, y, width) or dots (x, y)."""

    shape: Shape
    x: float
    caption: tuple[str, str]  # two lines
    squares: list[tuple[float, float, float]] = field(default_factory=list)
    bars: list[tuple[float, float, float]] = field(default_factory=list)
    dots: list[tuple[float, float]] = field(default_factory=list)

    @property
    def left(self) -> list[tuple[float, float]]:
        """The points where lines from the previous layer end."""
        if self.dots:
            return self.dots
        if self.bars:
            return [(x, y + 1) for x, y, _ in self.bars[:: max(1, len(self.bars) // 4)]]
        x, y, side = self.squares[0]
        return [(x, y + side / 4), (x, y + 3 * side / 4)]

    @property
    def right(self) -> list[tuple[float, float]]:
        """The points where lines to the next layer start."""
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
    """Columns from the image to the output, in the coordinates of a viewBox of WIDTH × HEIGHT."""

    @property
    def lines(self) -> list[Line]:
        """The lines from each layer to the next, except between two maps, which `patches` joins."""
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
    """Lay out the image and the layers' outputs; layers that keep the shape are left out, except dense and conv2d."""
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
    """Draw squares, one behind the other: larger for larger maps, more for more channels."""
    height, width, channels = column.shape
    plates = 1 if channels == 1 else min(6, 1 + round(log2(channels) / 1.4))
    shift = min(3.0, room / 12)
    side = max(5.0, min(room - shift * (plates - 1), 48.0) * (max(height, width) / SIDE) ** 0.6)
    span = side + shift * (plates - 1)
    for plate in range(plates):
        offset = shift * plate - span / 2
        column.squares.append((round(x + offset, 1), round(middle + offset, 1), round(side, 1)))


def _rows(column: Column, x: float, middle: float, room: float) -> None:
    """Draw a bar per step, at most 14; more features make wider bars."""
    steps, features = column.shape
    count = min(steps, 14)
    pitch = 6.0
    width = round(min(room, 6 + 3.2 * log2(features + 1)), 1)
    top = middle - pitch * (count - 1) / 2 - 1
    column.bars = [(round(x - width / 2, 1), round(top + pitch * i, 1), width) for i in range(count)]


def _spread(size: int, middle: float) -> list[float]:
    """The y of each dot; the number of dots grows with the logarithm of the size."""
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
