"""The types of the arrays that the network computes with."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

# float32 in the application; float64 where a test compares gradients with finite differences.
Floats = NDArray[np.floating[Any]]
Bytes = NDArray[np.uint8]
