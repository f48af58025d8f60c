"""How far two networks agree on the same images."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Agreement:
    """What two networks answer to the same test images."""

    images: int
    same: int  # answers
    farthest: float  # that two probabilities of the same digit lie apart

    @classmethod
    def between(cls, one: NDArray[np.float32], other: NDArray[np.float32]) -> "Agreement":
        """From their probabilities, both (n, 10)."""
        same = int(np.count_nonzero(one.argmax(axis=1) == other.argmax(axis=1)))
        return cls(len(one), same, float(np.abs(one - other).max()))
