"""Finds the networks that a visitor may use, the starters and their own, and caches them for predictions."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from training.ml import formats, nn
from training.ml.starter.recipe import TITLES
from training.models import InitialNetwork, Network, Run
from tryml.numbers import whole

STARTER = "starter"  # the default network
MOST_OFFERED = 100  # own networks in a list of choices
LARGEST_CACHED = 16_000_000  # bytes: a larger network is read from the database each time


@dataclass(frozen=True)
class Found:
    key: str
    name: str
    data: bytes
    version: str  # changes whenever the bytes change


@cache
def starter(key: str = STARTER) -> Found:
    """A starter network, which comes with the application; `key` is one of TITLES."""
    data = (Path(settings.BASE_DIR) / "static" / "networks" / f"{key}.safetensors").read_bytes()
    return Found(key, TITLES[key], data, f"{key}-{sha256(data).hexdigest()[:12]}")


def find(user: Any, key: str) -> Found:
    """Return the network that `key` names: a starter's key, or the number of one of the user's networks.

    Raises Http404 for every other key, so that nobody learns whether another user's network exists.
    """
    if key in TITLES:
        return starter(key)
    return opened(numbered(user, key))


def numbered(user: Any, key: str) -> Network:
    """The user's network with the number `key`, without its weights. Raises Http404 where there is none."""
    number = whole(key)
    if number is None:
        raise Http404
    return get_object_or_404(owned(user), pk=number)


def opened(network: Network) -> Found:
    """The network with its weights, from the cache or the database; the caller has checked who owns it."""
    return Found(str(network.pk), network.name, _data(network, version(network)), version(network))


def version(network: Network) -> str:
    """The version of a stored network, which changes whenever the weights change."""
    return f"{network.pk}-{network.saved_at.timestamp()}"


def start_of(run: Run) -> Found:
    """The network that a run started from; the run must have one (`has_initial`)."""
    name = f"start-{run.pk}"
    return Found(name, run.initial.name, _data(run.initial, name), name)


def _data(network: Network | InitialNetwork, version: str) -> bytes:
    """The network's bytes, from the cache that this machine's processes share, or else from the database."""
    cache = caches["networks"]
    data: bytes | None = cache.get(version)
    if data is None:
        data = bytes(network.data)
        if len(data) <= LARGEST_CACHED:
            cache.set(version, data)
    return data


@lru_cache(maxsize=16)
def _loaded(version: str, data: bytes) -> nn.Network:
    return formats.load(data)


def load(found: Found) -> nn.Network:
    """The network parsed, from a bounded cache in this process. Raises nn.InvalidNetwork for damaged bytes."""
    return _loaded(found.version, found.data)


def named(user: Any, keys: Sequence[str]) -> dict[str, str]:
    """Key -> name for each key whose network the user may use, in the order of `keys`; other keys are left out."""
    numbers = [number for key in keys if (number := whole(key)) is not None]
    names = dict(TITLES)
    if numbers and user.is_authenticated:
        rows = Network.objects.filter(owner=user, pk__in=numbers).values_list("pk", "name")
        names |= {str(number): name for number, name in rows}
    return {key: names[key] for key in keys if key in names}


def owned(user: Any) -> QuerySet[Network]:
    """The user's networks, newest first, without their weights."""
    if not user.is_authenticated:
        return Network.objects.none()
    return (
        Network.objects.filter(owner=user)
        .select_related("run__experiment", "best_of__experiment")
        .defer("data")
    )


def own(user: Any) -> list[Network]:
    """The user's newest networks to choose from, at most MOST_OFFERED."""
    return list(owned(user)[:MOST_OFFERED])
