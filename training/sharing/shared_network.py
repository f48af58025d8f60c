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

# Multiplications that measuring may take each time, some seconds: a heavy network reads fewer images.
MEASURING = 5e9
FEWEST = 100  # images


def find(key: str) -> Share:
    """What is shared by that key: a starter by everybody with everybody. Raises Http404 for one that is off."""
    if key in TITLES:
        return Share(key=key, origins=["*"])
    share = (
        Share.objects.active().filter(key=key).select_related("network__owner").defer("network__data").first()
    )
    if share is None:
        raise Http404
    return share


def version(share: Share) -> str:
    """What changes whenever the bytes that pages get do."""
    source = networks.starter(share.key).version if share.key in TITLES else networks.version(share.network)
    return hashlib.sha256(f"{source} {share.quantised}".encode()).hexdigest()[:16]


def content(share: Share) -> bytes:
    """The file of the network as pages get it."""
    if share.key in TITLES:
        return networks.starter(share.key).data
    found = networks.find(share.network.owner, str(share.network_id))
    return quantised(found) if share.quantised else found.data


def quantised(found: networks.Found) -> bytes:
    """The network's file with 8-bit weights, from the cache of this machine's processes if it is there."""
    cached: Any = caches["networks"]
    data: bytes = cached.get_or_set(
        f"{found.version}-int8",
        lambda: formats.quantised.dump(networks.load(found), formats.metadata(found.data)),
    )
    return data


@dataclass(frozen=True)
class Quantisation:
    """What 8-bit weights spare, and what they cost on so many test images of a dataset."""

    dataset: str
    images: int
    bytes_before: int
    bytes_after: int
    accuracy_before: float
    accuracy_after: float

    @property
    def points(self) -> float:
        """Of accuracy, that are lost; negative where some are won."""
        return 100 * (self.accuracy_before - self.accuracy_after)


def quantisation(user: Any, found: networks.Found, made_on: str) -> Quantisation:
    """Measure a network of the user's on the test images of the dataset it was made on, once."""
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
    """That dataset, or the usual one where it is no longer there."""
    try:
        return library.find(user, key) if key else datasets.load()
    except (Http404, DatasetError):
        return datasets.load()
