"""The measurements of a training: points of the curves, sums between two points, the best epoch."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    """One point of the curves. `train_*` are means over the images trained since the last point.

    The first point, step 0, is measured before the training. Validation is measured there and at the end of each
    epoch, else it is None. Losses exclude l1 and l2. Everything but `seconds` is the same again with the same seed.
    """

    step: int  # steps made so far
    epoch: float  # the same in epochs: 3.25 is a quarter into the fourth epoch
    train_loss: float
    train_accuracy: float  # 0..1
    val_loss: float | None
    val_accuracy: float | None
    seconds: float  # of training so far
    pinned: tuple[float, ...] | None = None  # probabilities (10,) for the pinned drawing, if measured


@dataclass(slots=True)
class Tally:
    """Sums over the images since the last point."""

    loss: float = 0.0
    correct: int = 0  # images classified correctly
    images: int = 0


@dataclass(frozen=True, slots=True)
class Best:
    """The best epoch so far."""

    epoch: int  # from 1
    value: float  # of the metric that `monitor` names
