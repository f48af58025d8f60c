"""How far two networks agree on the same images."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Agreement:
    """How often, and how closely, two networks agree on the same images."""

    images: int
    same: int  # images for which both name the same digit
    farthest: float  # largest difference between their probabilities of the same digit for the same image

    @classmethod
    def between(cls, one: NDArray[np.float32], other: NDArray[np.float32]) -> "Agreement":
        """From their probabilities, both (n, 10); raises ValueError for n = 0."""
        same = int(np.count_nonzero(one.argmax(axis=1) == other.argmax(axis=1)))
        return cls(len(one), same, float(np.abs(one - other).max()))
