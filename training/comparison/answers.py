"""How far networks that different engines trained agree: on the same images, from the same start."""

from typing import Any, cast

import numpy as np
from django.core.cache import caches
from numpy.typing import NDArray

from digits.datasets import Split
from training import networks
from training.models import Network

IMAGES = 1000  # of the test set, its first


def probabilities(user: Any, network: Network, key: str, test: Split) -> NDArray[np.float32]:
    """What the user's network makes of the first test images of the dataset of that key: (n, 10)."""
    found = networks.find(user, str(network.pk))

    def answers() -> NDArray[np.float32]:
        return networks.load(found).predict(test.images[:IMAGES])

    return cast(NDArray[np.float32], caches["networks"].get_or_set(f"answers-{found.version}-{key}", answers))
