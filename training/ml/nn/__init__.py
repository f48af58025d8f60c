"""A neural network in NumPy: float32, vectorised over the batch, all parameters in one flat array."""

from training.ml.nn.network import InvalidNetwork, Network

__all__ = ["InvalidNetwork", "Network"]
