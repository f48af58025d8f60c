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
    """A way to train. `name` is its key in ENGINES, `label` is for people."""

    name: str
    label: str
    version: str  # changes whenever its results may
    capabilities = Capabilities()
    missing: str = ""  # the command that installs it, where it isn't installed
    footprint: int = 0  # bytes that its package takes as soon as it is used

    @abstractmethod
    def trainer(self, hyperparameters: Hyperparameters, network: Network) -> Trainer:
        """A trainer that starts with the network, which is its own from now on."""

    def can_train(self, hyperparameters: Hyperparameters) -> bool:
        """Whether it is installed here and does all that these ask for."""
        return not self.missing and not self.problems(hyperparameters)

    def problems(self, hyperparameters: Hyperparameters) -> dict[str, str]:
        """What this engine can't do of valid hyperparameters, as field -> message for people."""
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
        """Train, and yield the progress at the start, every `interval` seconds or so, and after each epoch.

        To pause or stop, leave the loop; or name a step in `until`, at which it ends. From a checkpoint the training
        goes on to the same bits as if it had never been interrupted; it may have more epochs than before (see
        CHANGEABLE). It starts with the weights of `initial`, drawn by the hyperparameters' initialiser if None.
        Raises InvalidHyperparameters, InvalidCheckpoint, InvalidNetwork or Unsupported at once, Diverged on the way.
        """
        hyperparameters.validate()
        if problems := self.problems(hyperparameters):
            raise Unsupported(" ".join(problems.values()))
        training = Training(self.name, self.trainer, hyperparameters, train, validation, initial)
        if checkpoint is not None:
            training.resume(checkpoint)
        return training.run(until, interval)
