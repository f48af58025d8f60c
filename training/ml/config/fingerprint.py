"""A hash that is the same for trainings with the same result."""

from __future__ import annotations

import hashlib
import json

from training.ml.config.hyperparameters import Hyperparameters


def setup(hyperparameters: Hyperparameters, dataset: str, initial: bytes | None) -> str:
    """The SHA-256, 64 hexadecimal digits, of everything that determines a training's result besides its engine.

    `dataset` is the fingerprint of the dataset's content, `initial` the bytes of the initial network, if any.
    """
    start = hashlib.sha256(initial).hexdigest() if initial else ""
    parts = [hyperparameters.to_dict(), dataset, start]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
