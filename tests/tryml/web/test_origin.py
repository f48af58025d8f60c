"""Which pages may open a WebSocket."""

import pytest
from channels.testing import WebsocketCommunicator

from tryml import asgi
from tryml.web.origin import SameOrigin, is_same


def headers(host: str, origin: str | None) -> dict[bytes, bytes]:
    named = {b"host": host.encode()}
    return named if origin is None else {**named, b"origin": origin.encode()}


@pytest.fixture(autouse=True)
def hosts(settings):
    settings.ALLOWED_HOSTS = ["tryml.example", "localhost"]
    settings.CSRF_TRUSTED_ORIGINS = ["https://front.example"]


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("tryml.example", "https://tryml.example"),
        ("tryml.example:8000", "http://tryml.example:8000"),
        ("TryML.example", "https://tryml.EXAMPLE"),
        ("localhost", "https://front.example"),
    ],
)
def test_the_same_origin_and_a_trusted_one_are_let_in(host, origin):
    assert is_same(headers(host, origin))


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("tryml.example", None),
        ("tryml.example", ""),
        ("tryml.example", "null"),
        ("tryml.example", "https://evil.example"),
        ("tryml.example:8000", "http://tryml.example:9000"),  # another program of the same machine
        ("tryml.example:8000", "http://tryml.example"),
        ("evil.example", "https://evil.example"),
        ("tryml.example", "ftp://tryml.example"),
        ("tryml.example", "https://tryml.example.evil.example"),
    ],
)
def test_others_are_not(host, origin):
    assert not is_same(headers(host, origin))


async def test_a_socket_of_another_origin_is_refused_before_anything_is_asked():
    async def application(scope, receive, send):
        raise AssertionError("asked")

    socket = WebsocketCommunicator(
        SameOrigin(application), "/ws/runs/", headers=[(b"host", b"tryml.example")]
    )
    assert (await socket.connect())[0] is False


@pytest.mark.parametrize("path", ["/ws/", "/ws/nothing/", "/ws/runs/x/", "/"])
async def test_a_socket_at_an_unknown_address_is_closed_without_an_error(path):
    same = [(b"host", b"localhost"), (b"origin", b"http://localhost")]
    socket = WebsocketCommunicator(asgi.application, path, headers=same)
    assert (await socket.connect())[0] is False
    await socket.wait()
