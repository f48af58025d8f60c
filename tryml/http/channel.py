"""One connection: requests that are too large or too slow end here, before they are read."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from twisted.protocols.basic import LineReceiver
from twisted.web.http import HTTPChannel

from tryml.http.request import Request

if TYPE_CHECKING:
    from tryml.http.server import Factory

LINGER = 5  # seconds in which what still comes is dropped, so that the sender gets to read the answer


class Channel(HTTPChannel):
    """HTTP/1.1 with limits on what a request may take of time, memory and disk."""

    factory: Factory
    requestFactory = Request  # noqa: N815
    is_refused = False
    _since_progress = 0  # bytes

    def dataReceived(self, data: bytes) -> None:
        # HTTPChannel itself would start the time anew with each byte: a byte in 29 s would do for ever.
        self._since_progress += len(data)
        if self._since_progress >= self.factory.limits.progress:
            self._begin_span()
        LineReceiver.dataReceived(self, data)

    def allHeadersReceived(self) -> None:
        self._begin_span()
        path = unquote(self._path.partition(b"?")[0].decode("latin-1"))
        self.most = self.factory.limits.body(path)
        if self.length is not None and self.length > self.most:
            self.refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, self._too_large())
        else:
            super().allHeadersReceived()

    def rawDataReceived(self, data: bytes) -> None:
        if not self.is_refused:
            super().rawDataReceived(data)

    def admits(self, request: Request, size: int) -> bool:
        """Whether the request's body, of which `size` bytes have come, may go on; if not, it is answered."""
        if self.is_refused:
            return False
        limits, large = self.factory.limits, self.factory.large
        if size > self.most:  # its head did not say how long it is
            self.refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, self._too_large())
        elif size > limits.large and request not in large:
            if len(large) >= limits.large_at_once:
                self.refuse(
                    HTTPStatus.SERVICE_UNAVAILABLE, "Many files arrive just now. Try again in a minute."
                )
            else:
                large.add(request)
        return not self.is_refused

    def refuse(self, status: HTTPStatus, text: str) -> None:
        """Answer in plain text and close the connection, whatever else it sends."""
        self.is_refused, self.persistent = True, False
        body = f"{text}\n".encode()
        lines = (
            f"HTTP/1.1 {status.value} {status.phrase}",
            "Content-Type: text/plain; charset=utf-8",
            f"Content-Length: {len(body)}",
            *(("Retry-After: 60",) if status == HTTPStatus.SERVICE_UNAVAILABLE else ()),
            "Connection: close",
            "",
            "",
        )
        self.transport.write("\r\n".join(lines).encode() + body)
        # Closed at once, with bytes unread, the connection would be reset and the answer lost.
        self.setTimeout(None)
        self.transport.loseWriteConnection()
        self._abortingCall = self.callLater(LINGER, self.forceAbortClient)

    def _too_large(self) -> str:
        return f"At most {self.most / 1e6:g} MB may be sent here. Nothing was changed."

    def _begin_span(self) -> None:
        self._since_progress = 0
        self.resetTimeout()

    def requestDone(self, request: Any) -> None:
        self._since_progress = 0
        super().requestDone(request)
