"""The interface between the training loop and an engine: train a network, return it, save and restore the state."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from numpy.typing import NDArray

from training.ml.nn import Network
from training.ml.nn.arrays import Bytes


class Trainer(Protocol):
    """Trains one network with one engine."""

    device: str  # the GPU's name, for people; empty if the processor computes

    def train(self, images: Bytes, labels: Bytes, step: int, rates: Sequence[float]) -> tuple[float, int]:
        """Make the steps of a block: number `step` (from 0) and the next ones, one for each learning rate in `rates`.

        `images` (n, 784) and `labels` (n,) hold batch after batch. Returns the sum of the losses and the number of
        correct predictions over all images, each predicted before its own step changes the network.
        """

    def network(self) -> Network:
        """The current network; it may be a view that changes with the next step."""

    def state(self) -> Mapping[str, NDArray[Any]]:
        """All arrays needed to resume; they may be views that change with the next step."""

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Go on from arrays that `state` returned."""
