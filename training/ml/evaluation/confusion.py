"""A confusion matrix prepared for display: accuracies, and a shade for each cell."""

from dataclasses import dataclass

from digits.datasets.dataset import DIGIT_NAMES
from training.ml.config.layer_types import CLASSES

SHADES = 6  # besides blank


@dataclass(frozen=True)
class Cell:
    label: int
    prediction: int
    count: int
    shade: int  # 0 (blank) … SHADES
    names: tuple[str, ...]  # of the labels

    @property
    def kind(self) -> str:
        return "right" if self.label == self.prediction else "wrong"

    @property
    def label_name(self) -> str:
        return self.names[self.label]

    @property
    def prediction_name(self) -> str:
        return self.names[self.prediction]


@dataclass(frozen=True)
class Row:
    label: int
    name: str  # of the label; empty if it is the number itself
    total: int
    accuracy: float | None  # None where the split has no such label
    cells: list[Cell]


class Confusion:
    """A 10×10 matrix of counts (rows labels, columns predictions), as rows of cells.

    Right answers are shaded relative to their row, mistakes relative to the most frequent mistake.
    """

    def __init__(self, counts: list[list[int]], names: tuple[str, ...] = DIGIT_NAMES) -> None:
        wrong = max(counts[i][j] for i in range(CLASSES) for j in range(CLASSES) if i != j)
        self.rows = [_row(label, row, wrong, names) for label, row in enumerate(counts)]

    @property
    def total(self) -> int:
        return sum(row.total for row in self.rows)

    @property
    def worst(self) -> list[Cell]:
        """The three most frequent mistakes, most frequent first; fewer if there are fewer."""
        cells = [cell for row in self.rows for cell in row.cells if cell.kind == "wrong" and cell.count]
        return sorted(cells, key=lambda cell: -cell.count)[:3]


def _row(label: int, row: list[int], most_wrong: int, names: tuple[str, ...]) -> Row:
    total = sum(row)
    cells = [
        Cell(label, guess, count, _shade(count, total if guess == label else most_wrong), names)
        for guess, count in enumerate(row)
    ]
    name = names[label] if names[label] != str(label) else ""
    return Row(label, name, total, row[label] / total if total else None, cells)


def _shade(count: int, most: int) -> int:
    return -(-SHADES * count // most) if most else 0
