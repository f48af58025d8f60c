"""What one address, one connection and one request may take of the server."""

from __future__ import annotations

import resource
from collections.abc import Callable
from dataclasses import dataclass

IN_MEMORY = 16_384  # bytes of a body; a longer one lies in a temporary file


@dataclass(frozen=True)
class Limits:
    """The server's limits: those of `body` come from the application, the others from the settings or from here."""

    body: Callable[[str], int]  # the most bytes that a request to this path may carry
    connections: int = 4096  # at once, of everybody together
    connections_per_address: int = 512  # at once; a class behind one router is one address
    proxies: tuple[str, ...] = ()  # addresses that pass on the requests of many people
    seconds: float = 30  # for a request's head, and for each `progress` of its body
    progress: int = 30_000  # bytes: a line of 1 kB/s is fast enough
    large: int = 1_000_000  # bytes: of bodies longer than this …
    large_at_once: int = 8  # … so many may arrive at once


def open_files() -> None:
    """Let this process have as many files and connections open as the system allows."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
