"""Finding a network that a visitor may use: the starter, or one of their own, kept ready for predictions."""

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

STARTER = "starter"  # the one that is used where none is chosen
MOST_DIGITS = 18  # of a key that is a number: what the database holds
MOST_OFFERED = 100  # networks that one may choose from
LARGEST_CACHED = 16_000_000  # bytes of a network


@dataclass(frozen=True)
class Found:
    key: str
    name: str
    data: bytes
    version: str  # changes whenever the bytes do


@cache
def starter(key: str = STARTER) -> Found:
    """One of the networks that the application comes with, as TITLES has them."""
    data = (Path(settings.BASE_DIR) / "static" / "networks" / f"{key}.safetensors").read_bytes()
    return Found(key, TITLES[key], data, f"{key}-{sha256(data).hexdigest()[:12]}")


def find(user: Any, key: str) -> Found:
    """Return the network that `key` names: a starter, or the number of one of the user's own.

    Raises Http404 for anything else, so that a stranger's network can't be told from none.
    """
    if key in TITLES:
        return starter(key)
    return opened(numbered(user, key))


def numbered(user: Any, key: str) -> Network:
    """The user's network whose number is `key`, without its weights. Raises Http404."""
    if not key.isdigit() or len(key) > MOST_DIGITS:
        raise Http404
    return get_object_or_404(owned(user), pk=int(key))


def opened(network: Network) -> Found:
    """A network that belongs to the asker, with its weights read from the cache or the database."""
    return Found(str(network.pk), network.name, _data(network, version(network)), version(network))


def version(network: Network) -> str:
    """The version of a stored network: it changes whenever the weights do."""
    return f"{network.pk}-{network.saved_at.timestamp()}"


def start_of(run: Run) -> Found:
    """The network that a run started from."""
    name = f"start-{run.pk}"
    return Found(name, run.initial.name, _data(run.initial, name), name)


def _data(network: Network | InitialNetwork, version: str) -> bytes:
    """The network's bytes, from the cache that the processes of this machine share, if they are there."""
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
    """The network itself, from a bounded cache in this process."""
    return _loaded(found.version, found.data)


def named(user: Any, keys: Sequence[str]) -> dict[str, str]:
    """Those of the keys that name a network which the user may use, in their order, and its name."""
    numbers = [int(key) for key in keys if key.isascii() and key.isdecimal() and len(key) <= MOST_DIGITS]
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
    """Those that the user may choose from: the newest."""
    return list(owned(user)[:MOST_OFFERED])
