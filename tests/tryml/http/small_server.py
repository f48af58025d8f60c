"""A server with narrow limits: `python small_server.py PORT`. It answers with how many bytes came."""

import sys
from typing import Any

from tryml.http.server import Server  # isort: skip
from tryml.http.limits import Limits

LIMITS = Limits(
    body=lambda path: 200_000 if path in ("/files", "/held") else 20_000,
    connections_per_address=12,
    seconds=1,
    progress=1000,
    large=50_000,
    large_at_once=2,
)


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        while (await receive())["type"] != "websocket.disconnect":
            pass
        return
    count, largest, more = 0, 0, True
    while more:
        event = await receive()
        if event["type"] == "http.disconnect":
            return
        count += len(event["body"])
        largest = max(largest, len(event["body"]))
        more = event["more_body"]
    if scope["path"] == "/held":  # in use until the client leaves
        await receive()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": f"{count} {largest}".encode()})


if __name__ == "__main__":
    Server(application, LIMITS, endpoints=[f"tcp:port={sys.argv[1]}:interface=127.0.0.1"], verbosity=0).run()
