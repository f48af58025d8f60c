"""A plot of the learning rate over a training that has not started."""

from __future__ import annotations

import re
from dataclasses import dataclass

from training.ml.config.hyperparameters import Hyperparameters
from training.ml.nn.learning_rate import curve

BOX = 100  # side of the plot; the line runs from the left edge to the right


@dataclass(frozen=True)
class SchedulePlot:
    """`points` of an SVG polyline in a box of BOX × BOX, and the numbers for its axes and its text alternative."""

    points: str
    top: float  # the rate at the top of the axis
    start: float
    peak: float
    end: float
    epochs: int

    @classmethod
    def of(cls, hyperparameters: Hyperparameters, images: int) -> SchedulePlot:
        """The plot for a training on a dataset of `images` images, validation included."""
        used = min(hyperparameters.training_images or images, images) * (1 - hyperparameters.validation_split)
        steps = max(1, -(-round(used) // hyperparameters.batch_size))
        line = curve(hyperparameters, steps)
        rates = [rate for _, rate in line]
        top = max(rates) or 1.0
        points = " ".join(
            f"{BOX * epoch / hyperparameters.epochs:.2f},{BOX * (1 - rate / top):.2f}" for epoch, rate in line
        )
        return cls(points, top, rates[0], max(rates), rates[-1], hyperparameters.epochs)

    @property
    def top_label(self) -> str:
        return _short(self.top)

    @property
    def middle_label(self) -> str:
        return _short(self.top / 2)

    @property
    def says(self) -> str:
        """The line in words."""
        if self.start == self.peak == self.end:
            return f"The learning rate stays at {_short(self.peak)} for {self.epochs} epochs."
        rise = f"rises from {_short(self.start)} to {_short(self.peak)}" if self.peak > self.start else ""
        end = _short(self.end) if self.end > self.peak / 1000 else "almost 0"
        fall = f"falls from {_short(self.peak)} to {end}" if self.end < self.peak else ""
        return f"Over {self.epochs} epochs the learning rate {' and '.join(filter(None, (rise, fall)))}."


def _short(rate: float) -> str:
    return re.sub(r"e([+-])0+", r"e\1", f"{rate:.3g}")
