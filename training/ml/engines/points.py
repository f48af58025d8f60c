"""What a training measures: points of the curves, sums between two of them, the best epoch."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    """One point of the curves. Train values are means over the images trained since the last point.

    The first point, step 0, is measured before the training; validation is measured there and at the end of
    each epoch. Losses are without l2. Everything but `seconds` repeats with the seed.
    """

    step: int
    epoch: float
    train_loss: float
    train_accuracy: float  # 0..1
    val_loss: float | None
    val_accuracy: float | None
    seconds: float  # of training so far
    pinned: tuple[float, ...] | None = None  # what the network makes of a pinned drawing, where it was asked


@dataclass(slots=True)
class Tally:
    """Sums over the images since the last point."""

    loss: float = 0.0
    correct: int = 0
    images: int = 0


@dataclass(frozen=True, slots=True)
class Best:
    """The best epoch so far."""

    epoch: int
    value: float  # of the metric that `monitor` names
