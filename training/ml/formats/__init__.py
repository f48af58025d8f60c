"""Networks as files, and back."""

from training.ml.formats import quantised
from training.ml.formats.safetensors import LARGEST, dump, load, metadata

__all__ = ["LARGEST", "dump", "load", "metadata", "quantised"]
