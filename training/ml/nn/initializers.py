"""Initialisers: the weights of a layer before training; biases start at zero.

Each function takes a generator and the weight's shape, (inputs, units) or (height, width, channels, filters), and
returns float32 weights. Sources: LeCun et al. 1998; Glorot & Bengio 2010; He et al. 2015; Saxe et al. 2014.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

SPREAD = 0.05  # standard deviation of "normal" and limit of "uniform", as in Keras


def fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """Fan-in and fan-out: the numbers that a unit reads, and the units that read a number.

    For filters both are multiplied by the kernel's area, as in Keras.
    """
    if len(shape) < 2:
        return prod(shape), prod(shape)
    field = prod(shape[:-2])
    return field * shape[-2], field * shape[-1]


def _normal(generator: Generator, shape: tuple[int, ...], deviation: float) -> NDArray[np.float32]:
    return generator.standard_normal(shape, dtype=np.float32) * np.float32(deviation)


def _uniform(generator: Generator, shape: tuple[int, ...], limit: float) -> NDArray[np.float32]:
    return (generator.random(shape, dtype=np.float32) * 2 - 1) * np.float32(limit)


def _orthogonal(generator: Generator, shape: tuple[int, ...]) -> NDArray[np.float32]:
    # Q of the QR decomposition of a random normal matrix. With R's diagonal made positive the decomposition is
    # unique: Q doesn't depend on the library's choice of signs, and all orthogonal matrices are equally likely.
    rows, columns = prod(shape[:-1]), shape[-1]
    q, r = np.linalg.qr(generator.standard_normal((max(rows, columns), min(rows, columns)), dtype=np.float32))
    q *= np.copysign(np.float32(1), r.diagonal())
    return np.ascontiguousarray(q if rows >= columns else q.T).reshape(shape)


INITIALIZERS: dict[str, Callable[[Generator, tuple[int, ...]], NDArray[np.float32]]] = {
    "he_normal": lambda generator, shape: _normal(generator, shape, (2 / fans(shape)[0]) ** 0.5),
    "he_uniform": lambda generator, shape: _uniform(generator, shape, (6 / fans(shape)[0]) ** 0.5),
    "glorot_normal": lambda generator, shape: _normal(generator, shape, (2 / sum(fans(shape))) ** 0.5),
    "glorot_uniform": lambda generator, shape: _uniform(generator, shape, (6 / sum(fans(shape))) ** 0.5),
    "lecun_normal": lambda generator, shape: _normal(generator, shape, (1 / fans(shape)[0]) ** 0.5),
    "lecun_uniform": lambda generator, shape: _uniform(generator, shape, (3 / fans(shape)[0]) ** 0.5),
    "orthogonal": _orthogonal,
    "normal": lambda generator, shape: _normal(generator, shape, SPREAD),
    "uniform": lambda generator, shape: _uniform(generator, shape, SPREAD),
    "zeros": lambda _generator, shape: np.zeros(shape, np.float32),
}
