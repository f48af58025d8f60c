"""Architectures to start from."""

from typing import Any


def dense(*sizes: int, activation: str = "relu", dropout: float = 0.0) -> tuple[dict[str, Any], ...]:
    """Dense hidden layers with these numbers of units; each is followed by dropout of that rate, unless it is 0."""
    silent = [{"type": "dropout", "rate": dropout}] if dropout else []
    return tuple(
        dict(layer)
        for size in sizes
        for layer in ({"type": "dense", "units": size, "activation": activation}, *silent)
    )


def _convolution(filters: int, size: int = 3, **more: Any) -> dict[str, Any]:
    return {"type": "conv2d", "filters": filters, "kernel_size": size, **more}


_MAX_POOL = {"type": "max_pooling", "pool_size": 2}


# title -> hidden layers
TEMPLATES: dict[str, tuple[dict[str, Any], ...]] = {
    "Perceptron": (),
    "MLP": dense(128, 64),
    "Nielsen 784-100-30-10": dense(100, 30, activation="sigmoid"),
    "LeNet-like CNN": (
        _convolution(6, 5, padding="same", activation="tanh"),
        {"type": "average_pooling", "pool_size": 2},
        _convolution(16, 5, activation="tanh"),
        {"type": "average_pooling", "pool_size": 2},
        {"type": "flatten"},
        *dense(120, 84, activation="tanh"),
    ),
    "Keras example CNN": (
        _convolution(32),
        _MAX_POOL,
        _convolution(64),
        _MAX_POOL,
        {"type": "flatten"},
        {"type": "dropout", "rate": 0.5},
    ),
    "Row-by-row GRU": ({"type": "gru", "units": 128},),
}
