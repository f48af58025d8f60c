"""Networks that a visitor may use: found by key, kept ready, listed, asked for predictions, imported."""

from training.networks.lookup import (
    STARTER,
    Found,
    find,
    load,
    named,
    numbered,
    opened,
    own,
    owned,
    start_of,
    starter,
    version,
)

__all__ = [
    "STARTER",
    "Found",
    "find",
    "load",
    "named",
    "numbered",
    "opened",
    "own",
    "owned",
    "start_of",
    "starter",
    "version",
]
