"""One request: its body waits on disk, and the application reads it bit by bit."""

from __future__ import annotations

import asyncio
from tempfile import SpooledTemporaryFile
from typing import Any

from daphne.http_protocol import WebRequest

from tryml.http.limits import IN_MEMORY

CHUNK = 65_536  # bytes of a body that the application gets at a time


class Request(WebRequest):
    """A request whose body nobody parses but the application."""

    def __init__(self, channel: Any, *_queued: Any) -> None:
        super().__init__(channel, parsePOSTFormSubmission=False)
        self._received = 0  # bytes of the body
        self._is_read = False
        self._gone = asyncio.Event()

    def gotLength(self, length: int | None) -> None:
        self.content = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115

    def handleContentChunk(self, data: bytes) -> None:
        self._received += len(data)
        if self.channel.admits(self, self._received):
            super().handleContentChunk(data)

    async def receive(self) -> dict[str, Any]:
        """The application's next event: a part of the body, or that nobody waits for an answer any more."""
        if self._is_read or self._gone.is_set():
            await self._gone.wait()
            return {"type": "http.disconnect"}
        chunk = self.content.read(CHUNK)
        self._is_read = len(chunk) < CHUNK
        await asyncio.sleep(0)  # lets others have their turn
        return {"type": "http.request", "body": chunk, "more_body": not self._is_read}

    def connectionLost(self, reason: Any) -> None:
        self._leave()
        super().connectionLost(reason)

    def finish(self) -> None:
        self._leave()
        super().finish()

    def _leave(self) -> None:
        self._gone.set()
        self.channel.factory.large.discard(self)
