"""How the weights of a layer start; biases start at zero.

Each function takes a generator and the weight's shape (inputs, units) and returns float32 weights.
Sources: Glorot & Bengio 2010; He et al. 2015.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

SPREAD = 0.05  # of the plain normal and uniform starts, as in Keras


def _normal(generator: Generator, shape: tuple[int, int], deviation: float) -> NDArray[np.float32]:
    return generator.standard_normal(shape, dtype=np.float32) * np.float32(deviation)


def _uniform(generator: Generator, shape: tuple[int, int], limit: float) -> NDArray[np.float32]:
    return (generator.random(shape, dtype=np.float32) * 2 - 1) * np.float32(limit)


INITIALIZERS: dict[str, Callable[[Generator, tuple[int, int]], NDArray[np.float32]]] = {
    "he_normal": lambda generator, shape: _normal(generator, shape, (2 / shape[0]) ** 0.5),
    "he_uniform": lambda generator, shape: _uniform(generator, shape, (6 / shape[0]) ** 0.5),
    "glorot_normal": lambda generator, shape: _normal(generator, shape, (2 / sum(shape)) ** 0.5),
    "glorot_uniform": lambda generator, shape: _uniform(generator, shape, (6 / sum(shape)) ** 0.5),
    "normal": lambda generator, shape: _normal(generator, shape, SPREAD),
    "uniform": lambda generator, shape: _uniform(generator, shape, SPREAD),
    "zeros": lambda _generator, shape: np.zeros(shape, np.float32),
}
