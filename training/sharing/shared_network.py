"""Networks shared with other pages: their keys, their files, and the accuracy that 8-bit weights lose."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from django.core.cache import caches
from django.http import Http404

from digits import datasets, library
from digits.datasets import Dataset, DatasetError
from training import networks
from training.ml import formats
from training.ml.engines import evaluate
from training.ml.starter.recipe import TITLES
from training.models import Share

# Multiplications per measurement, a few seconds: a large network is measured on fewer images.
MEASURING = 5e9
FEWEST = 100  # images, for a network of any size


def find(key: str) -> Share:
    """The share with that key; a starter is shared with every page. Raises Http404 where nothing is shared."""
    if key in TITLES:
        return Share(key=key, origins=["*"])
    share = (
        Share.objects.active().filter(key=key).select_related("network__owner").defer("network__data").first()
    )
    if share is None:
        raise Http404
    return share


def version(share: Share) -> str:
    """The version of the share's file, 16 hexadecimal digits, which changes whenever the file changes."""
    source = networks.starter(share.key).version if share.key in TITLES else networks.version(share.network)
    return hashlib.sha256(f"{source} {share.quantised}".encode()).hexdigest()[:16]


def content(share: Share) -> bytes:
    """The network's file as other sites get it."""
    if share.key in TITLES:
        return networks.starter(share.key).data
    found = networks.find(share.network.owner, str(share.network_id))
    return quantised(found) if share.quantised else found.data


def quantised(found: networks.Found) -> bytes:
    """The network's file with 8-bit weights, cached for this machine's processes."""
    cached: Any = caches["networks"]
    data: bytes = cached.get_or_set(
        f"{found.version}-int8",
        lambda: formats.quantised.dump(networks.load(found), formats.metadata(found.data)),
    )
    return data


@dataclass(frozen=True)
class Quantisation:
    """The size and accuracy of a network before and after its weights become 8-bit, on `images` test images."""

    dataset: str
    images: int
    bytes_before: int
    bytes_after: int
    accuracy_before: float
    accuracy_after: float

    @property
    def points(self) -> float:
        """The loss of accuracy in percentage points; negative for a gain."""
        return 100 * (self.accuracy_before - self.accuracy_after)


def quantisation(user: Any, found: networks.Found, made_on: str) -> Quantisation:
    """Measure a user's network on test images of the dataset with the key `made_on`; cached per version.

    Without that dataset the usual one is used.
    """
    cached: Any = caches["networks"]
    measured: Quantisation = cached.get_or_set(
        f"{found.version}-int8-cost", lambda: _measured(found, _dataset(user, made_on))
    )
    return measured


def _measured(found: networks.Found, dataset: Dataset) -> Quantisation:
    network, small = networks.load(found), quantised(found)
    operations = sum(layer.operations for layer in network.placed)
    split = dataset.test[: max(int(MEASURING / operations), FEWEST)]
    return Quantisation(
        dataset.title,
        len(split),
        len(found.data),
        len(small),
        evaluate(network, split).accuracy,
        evaluate(formats.quantised.load(small), split).accuracy,
    )


def _dataset(user: Any, key: str) -> Dataset:
    """The dataset with that key; the usual one for an empty key, and where the dataset is gone."""
    try:
        return library.find(user, key) if key else datasets.load()
    except (Http404, DatasetError):
        return datasets.load()
