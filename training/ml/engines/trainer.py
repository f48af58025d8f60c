"""What an engine does with one network: train it, hand it over, go on from its state."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from numpy.typing import NDArray

from training.ml.nn import Network
from training.ml.nn.arrays import Bytes


class Trainer(Protocol):
    """An engine at work on one network. `device` is the GPU it computes on, for people; empty for the processor."""

    device: str

    def train(self, images: Bytes, labels: Bytes, step: int, rates: Sequence[float]) -> tuple[float, int]:
        """Make the steps of a block, the first of number `step` (from 0), each with its learning rate.

        Images are (n, 784), batch after batch. Returns the sum of the losses and the number of right answers,
        each image judged in its own step.
        """

    def network(self) -> Network:
        """The network as it is now; may be a view that goes on changing."""

    def state(self) -> Mapping[str, NDArray[Any]]:
        """All arrays that going on needs; may be views."""

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Take over arrays that `state` gave."""
