"""What a training tells of itself while it goes on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from training.ml.engines.points import Best, Point

if TYPE_CHECKING:
    from training.ml.config.hyperparameters import Hyperparameters
    from training.ml.engines.checkpoint import Checkpoint
    from training.ml.nn import Network


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
        """Change the base learning rate from here on. Returns the hyperparameters with that change, for resuming."""
        return self._training.change_learning_rate(rate)
