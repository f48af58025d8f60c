"""An engine: a way to train networks, with NumPy or a framework."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator

from digits.datasets import Split
from training.ml.config.hyperparameters import Hyperparameters
from training.ml.data.selection import Selection
from training.ml.engines.capabilities import Capabilities
from training.ml.engines.checkpoint import Checkpoint
from training.ml.engines.errors import Unsupported
from training.ml.engines.loop import Training
from training.ml.engines.progress import Progress
from training.ml.engines.trainer import Trainer
from training.ml.nn import Network


class Engine(ABC):
    """A way to train networks."""

    name: str  # its key in ENGINES
    label: str  # its name for people
    version: str  # changes whenever its results may change
    capabilities = Capabilities()
    missing: str = ""  # the command that installs it; empty if it is installed
    footprint: int = 0  # bytes of memory that importing its package takes

    @abstractmethod
    def trainer(self, hyperparameters: Hyperparameters, network: Network) -> Trainer:
        """A trainer that starts from `network` and owns it from now on. Raises Unsupported if it isn't installed."""

    def can_train(self, hyperparameters: Hyperparameters) -> bool:
        """Whether the engine is installed here and can train with these hyperparameters."""
        return not self.missing and not self.problems(hyperparameters)

    def problems(self, hyperparameters: Hyperparameters) -> dict[str, str]:
        """What the engine can't train of valid hyperparameters, as field -> message for people."""
        return self.capabilities.problems(self.label, hyperparameters)

    def fit(
        self,
        hyperparameters: Hyperparameters,
        train: Split | Selection,
        validation: Split,
        checkpoint: Checkpoint | None = None,
        *,
        initial: Network | None = None,
        until: int | None = None,
        interval: float = 0.2,
    ) -> Iterator[Progress]:
        """Train, and yield the progress at the start, about every `interval` seconds, and after each epoch.

        To pause or stop, leave the loop, or give the step to end at as `until`. A training resumed from `checkpoint`
        gives the same bits as an uninterrupted one; fields in CHANGEABLE, such as `epochs`, may differ from the
        checkpoint's. The training starts with the weights of `initial`, or with weights from the initializer.

        The call raises InvalidHyperparameters, Unsupported, InvalidNetwork (`initial` has another number of
        parameters) or InvalidCheckpoint. The iteration raises Diverged when the loss is infinite or NaN.
        """
        hyperparameters.validate()
        if problems := self.problems(hyperparameters):
            raise Unsupported(" ".join(problems.values()))
        training = Training(self.name, self.trainer, hyperparameters, train, validation, initial)
        if checkpoint is not None:
            training.resume(checkpoint)
        return training.run(until, interval)
