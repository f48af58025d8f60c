"""A confusion matrix prepared for reading: rates, and how dark each cell is."""

from dataclasses import dataclass

from training.architecture import CLASSES

SHADES = 6


@dataclass(frozen=True)
class Cell:
    label: int
    prediction: int
    count: int
    shade: int  # 0 (blank) … SHADES

    @property
    def kind(self) -> str:
        return "right" if self.label == self.prediction else "wrong"


@dataclass(frozen=True)
class Row:
    label: int
    total: int
    accuracy: float | None  # None where the split has no such label
    cells: list[Cell]


class Confusion:
    """A 10×10 matrix of counts (rows labels, columns predictions), read row by row."""

    def __init__(self, counts: list[list[int]]) -> None:
        wrong = max(counts[i][j] for i in range(CLASSES) for j in range(CLASSES) if i != j)
        self.rows = [_row(label, row, wrong) for label, row in enumerate(counts)]

    @property
    def total(self) -> int:
        return sum(row.total for row in self.rows)

    @property
    def worst(self) -> list[Cell]:
        """The three mistakes made most often, commonest first."""
        cells = [cell for row in self.rows for cell in row.cells if cell.kind == "wrong" and cell.count]
        return sorted(cells, key=lambda cell: -cell.count)[:3]


def _row(label: int, row: list[int], most_wrong: int) -> Row:
    total = sum(row)
    cells = [
        Cell(label, guess, count, _shade(count, total if guess == label else most_wrong))
        for guess, count in enumerate(row)
    ]
    return Row(label, total, row[label] / total if total else None, cells)


def _shade(count: int, most: int) -> int:
    return -(-SHADES * count // most) if most else 0
