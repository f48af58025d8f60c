"""Predictions of networks on the same test images, to measure how far engines agree."""

from typing import Any, cast

import numpy as np
from django.core.cache import caches
from numpy.typing import NDArray

from digits.datasets import Split
from training import networks
from training.models import Network

IMAGES = 1000  # the first of the test set


def probabilities(user: Any, network: Network, key: str, test: Split) -> NDArray[np.float32]:
    """The probabilities (n, 10) of the user's network for the first n = IMAGES images of `test`, at most.

    `key` is the dataset's key, for the cache. Raises Http404 for a network that isn't the user's."""
    found = networks.find(user, str(network.pk))

    def answers() -> NDArray[np.float32]:
        return networks.load(found).predict(test.images[:IMAGES])

    return cast(NDArray[np.float32], caches["networks"].get_or_set(f"answers-{found.version}-{key}", answers))
