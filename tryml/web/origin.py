"""Which pages may open a WebSocket: those of the address that they connect to, its port included."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.http.request import split_domain_port, validate_host

Application = Callable[[dict[str, Any], Any, Any], Awaitable[None]]


class SameOrigin:
    """ASGI middleware that refuses a WebSocket of another origin; CSRF_TRUSTED_ORIGINS may open one too."""

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "websocket" and not is_same(dict(scope["headers"])):
            await WebsocketDenier()(scope, receive, send)
        else:
            await self.application(scope, receive, send)


def is_same(headers: dict[bytes, bytes]) -> bool:
    """Whether the Origin of these headers is that of their Host, a known one, or a trusted one."""
    origin, host = (headers.get(name, b"").decode("latin-1").lower() for name in (b"origin", b"host"))
    if origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    domain, _ = split_domain_port(host)
    return validate_host(domain, settings.ALLOWED_HOSTS) and origin in {f"http://{host}", f"https://{host}"}


async def nowhere(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """The socket of an unknown address: closed."""
    await WebsocketDenier()(scope, receive, send)
