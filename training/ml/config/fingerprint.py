"""What makes two trainings the same."""

from __future__ import annotations

import hashlib
import json

from training.ml.config.hyperparameters import Hyperparameters


def setup(hyperparameters: Hyperparameters, dataset: str, initial: bytes | None) -> str:
    """Hash, 64 hexadecimal digits, of everything that a training's result depends on besides its engine: the
    hyperparameters, the fingerprint of the dataset's content, and the initial network, if any.
    """
    start = hashlib.sha256(initial).hexdigest() if initial else ""
    parts = [hyperparameters.to_dict(), dataset, start]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
