"""Networks as files, and back."""

from training.formats import quantised
from training.formats.safetensors import LARGEST, dump, load, metadata

__all__ = ["LARGEST", "dump", "load", "metadata", "quantised"]
