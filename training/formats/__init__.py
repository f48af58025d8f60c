"""Networks as files, and back."""

from training.formats.safetensors import dump, load

__all__ = ["dump", "load"]
