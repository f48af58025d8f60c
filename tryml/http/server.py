"""Daphne's server with our limits."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

# Before anything of Twisted's: it installs the event loop.
import daphne.server  # isort: skip
from daphne.http_protocol import HTTPFactory

from tryml.http.channel import Channel
from tryml.http.connections import Connections
from tryml.http.limits import Limits
from tryml.http.request import Request


class Factory(HTTPFactory):
    """Makes a channel for each connection."""

    protocol = Channel

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self.timeOut = server.limits.seconds
        self.limits = server.limits
        self.large: set[Request] = set()  # requests with a large body that is arriving or in use

    def buildProtocol(self, addr: Any) -> Any:
        protocol = super().buildProtocol(addr)
        protocol.requestFactory = Request
        return protocol


class Server(daphne.server.Server):
    """An HTTP and WebSocket server for an ASGI application."""

    def __init__(self, application: Any, limits: Limits, **options: Any) -> None:
        self.limits = limits
        super().__init__(application, **options)

    def run(self) -> None:
        # Daphne's `run` makes its factory by this name, and lets none be given.
        daphne.server.HTTPFactory = lambda server: Connections(Factory(server), server.limits)
        super().run()

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        """Start the application for a request or a WebSocket; for a request it returns no queue.

        Daphne would copy the whole body into a queue at once. Without one it leaves the body to `receive`.
        """
        if not isinstance(protocol, Request):
            return super().create_application(protocol, scope)
        running = self.application(
            scope={**scope, "asgi": {"version": "3.0"}},
            receive=protocol.receive,
            send=partial(self.handle_reply, protocol),
        )
        self.connections[protocol]["application_instance"] = asyncio.ensure_future(running)
        return None
