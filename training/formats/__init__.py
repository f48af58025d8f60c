"""Networks as files, and back."""

from training.formats.safetensors import LARGEST, dump, load

__all__ = ["LARGEST", "dump", "load"]
