"""What a training tells of itself while it goes on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from training.engines.checkpoint import Checkpoint
    from training.hyperparameters import Hyperparameters
    from training.nn import Network


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
    """The end of an epoch than which no other was better."""

    epoch: int
    value: float  # of the metric that `monitor` names


class Resumable(Protocol):
    """A training that can be left and taken up again."""

    best: Best | None

    @property
    def device(self) -> str: ...
    def checkpoint(self) -> Checkpoint: ...
    def network(self) -> Network: ...
    def best_network(self) -> Network | None: ...
    def change_learning_rate(self, rate: float) -> Hyperparameters: ...


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a training is: at its start, a few times a second, and at the end of each epoch."""

    step: int
    steps: int
    epoch: float  # position: 3.25 is a quarter into the fourth epoch
    epochs: int
    seconds: float  # of training so far, what was resumed included; waiting for the caller doesn't count
    points: tuple[Point, ...]  # new since the last progress
    epoch_ended: bool
    ended: str  # why this is the last progress, in a sentence; empty while the training goes on
    _training: Resumable = field(repr=False, compare=False)

    @property
    def device(self) -> str:
        """The GPU that computes, for people; empty for the processor."""
        return self._training.device

    def checkpoint(self) -> Checkpoint:
        """All that going on from here needs, as a copy; ask before the next progress comes."""
        return self._training.checkpoint()

    def network(self) -> Network:
        """The network as it is here, as a copy; ask before the next progress comes."""
        return self._training.network()

    def best(self) -> Best | None:
        """The best end of an epoch so far, by the monitored metric; None before the first."""
        return self._training.best

    def best_network(self) -> Network | None:
        """The network as it was then, as a copy."""
        return self._training.best_network()

    def change_learning_rate(self, rate: float) -> Hyperparameters:
        """Train on with another base rate; the hyperparameters that say so, for whoever takes the training up."""
        return self._training.change_learning_rate(rate)
