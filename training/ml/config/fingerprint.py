"""What makes two trainings the same."""

from __future__ import annotations

import hashlib
import json

from training.ml.config.hyperparameters import Hyperparameters


def setup(hyperparameters: Hyperparameters, dataset: str, initial: bytes | None) -> str:
    """64 hexadecimal digits that follow from all that a training is given besides its engine: the hyperparameters,
    the fingerprint of the dataset's content, and the network that it starts from, if any.
    """
    start = hashlib.sha256(initial).hexdigest() if initial else ""
    parts = [hyperparameters.to_dict(), dataset, start]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
