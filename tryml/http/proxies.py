"""The address of a visitor whose requests come through a proxy."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from ipaddress import ip_address, ip_network
from typing import Any

Application = Callable[[dict[str, Any], Any, Any], Awaitable[None]]


class TrustedProxies:
    """ASGI middleware: where a trusted proxy passes a request on, its client is the visitor whom the proxy names.

    X-Forwarded-For lists addresses, each proxy adding the one it heard. Read from the end, the first that is no
    trusted proxy is the visitor's: what stands before it, the visitor may have made up.
    """

    def __init__(self, application: Application, proxies: Iterable[str]) -> None:
        """`proxies` are addresses or networks; raises ValueError for anything else."""
        self.application = application
        self.networks = [ip_network(proxy.strip()) for proxy in proxies]

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if self.networks and scope.get("client"):
            heard = [
                address
                for name, value in scope["headers"]
                if name == b"x-forwarded-for"
                for address in value.decode("latin-1").split(",")
            ]
            scope = {**scope, "client": [self._visitor([*heard, scope["client"][0]]), scope["client"][1]]}
        await self.application(scope, receive, send)

    def _visitor(self, addresses: Sequence[str]) -> str:
        visitor = ""
        for address in reversed(addresses):
            try:
                parsed = ip_address(address.strip())
            except ValueError:  # made up, or a name: the proxy itself is all that is known
                return visitor
            visitor = str(parsed)
            if not any(parsed in network for network in self.networks):
                return visitor
        return visitor
