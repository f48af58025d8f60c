"""How many connections there may be at once, in all and from one address."""

from __future__ import annotations

from collections import Counter
from ipaddress import ip_address, ip_network
from typing import Any

from twisted.internet.interfaces import IAddress
from twisted.protocols.policies import ProtocolWrapper, WrappingFactory
from twisted.web.http import HTTPFactory

from tryml.http.customer import customer
from tryml.http.limits import Limits


class Connections(WrappingFactory[ProtocolWrapper]):
    """Hands connections to the wrapped factory, and closes those beyond the limits at once.

    A connection is counted until it is closed, also while it is a WebSocket.
    """

    def __init__(self, factory: HTTPFactory, limits: Limits) -> None:
        super().__init__(factory)
        self.limits = limits
        self.open: Counter[str] = Counter()
        self.proxies = [ip_network(proxy.strip()) for proxy in limits.proxies]

    def buildProtocol(self, addr: IAddress | None) -> ProtocolWrapper | None:
        if self.open.total() >= self.limits.connections:
            return None
        if self.open[self._who(addr)] >= self.limits.connections_per_address and not self._is_proxy(addr):
            return None
        return super().buildProtocol(addr)

    def registerProtocol(self, p: ProtocolWrapper) -> None:
        super().registerProtocol(p)
        p.who = self._who(p.getPeer())
        self.open[p.who] += 1

    def unregisterProtocol(self, p: ProtocolWrapper) -> None:
        super().unregisterProtocol(p)
        self.open[p.who] -= 1
        if not self.open[p.who]:
            del self.open[p.who]

    def _who(self, addr: IAddress | None) -> str:
        return customer(getattr(addr, "host", ""))

    def _is_proxy(self, addr: Any) -> bool:
        if not hasattr(addr, "host"):  # a Unix socket: only a proxy on this machine speaks through one
            return True
        address = ip_address(addr.host)
        return any(address in network for network in self.proxies)
