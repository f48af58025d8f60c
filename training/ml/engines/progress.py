"""The progress that a training reports."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from training.ml.engines.points import Best, Point

if TYPE_CHECKING:
    from training.ml.config.hyperparameters import Hyperparameters
    from training.ml.engines.checkpoint import Checkpoint
    from training.ml.nn import Network


class Resumable(Protocol):
    """A training that can be interrupted and resumed."""

    best: Best | None

    @property
    def device(self) -> str: ...
    def checkpoint(self) -> Checkpoint: ...
    def network(self) -> Network: ...
    def best_network(self) -> Network | None: ...
    def change_learning_rate(self, rate: float) -> Hyperparameters: ...
    def stopped_point(self) -> Point | None: ...


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a training is. Reported at its start, a few times per second, and at the end of each epoch.

    Its methods give the training's current state: call them before asking for the next progress.
    """

    step: int  # steps made so far
    steps: int  # of the whole training
    epoch: float  # position: 3.25 is a quarter into the fourth epoch
    epochs: int  # of the whole training
    seconds: float  # of training, also before a resume; excludes the caller's time between reports
    points: tuple[Point, ...]  # new since the last progress
    epoch_ended: bool  # whether an epoch ends at this step
    ended: str  # why the training ends here, in a sentence; empty while it goes on
    _training: Resumable = field(repr=False, compare=False)

    @property
    def device(self) -> str:
        """The GPU's name, for people; empty if the processor computes."""
        return self._training.device

    def checkpoint(self) -> Checkpoint:
        """Everything needed to resume from here, as a copy."""
        return self._training.checkpoint()

    def network(self) -> Network:
        """The current network, as a copy."""
        return self._training.network()

    def best(self) -> Best | None:
        """The best epoch so far, by the monitored metric; None before the end of the first epoch."""
        return self._training.best

    def best_network(self) -> Network | None:
        """The network at the end of the best epoch, as a copy; None before the end of the first epoch."""
        return self._training.best_network()

    def stopped_point(self) -> Point | None:
        """The point of the curves at this step, with validation; None if the last point is of this step."""
        return self._training.stopped_point()

    def change_learning_rate(self, rate: float) -> Hyperparameters:
        """Change the base learning rate from this step on; returns the changed hyperparameters, for resuming."""
        return self._training.change_learning_rate(rate)
