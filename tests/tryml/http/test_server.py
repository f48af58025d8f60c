"""The HTTP server under senders who want too much: each is answered or dropped, and others are not harmed."""

import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.waiting import wait_until
from tryml.http.customer import customer

HERE = Path(__file__).parent
SECONDS = 1  # of small_server's limits
PATIENCE = 20  # seconds


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, str(HERE / "small_server.py"), str(number)], cwd=HERE.parents[2]
    )
    try:
        wait_until(lambda: status(number, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n") == 200, timeout=PATIENCE)
        yield number
    finally:
        server.kill()
        server.wait()


def connect(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port))
    connection.settimeout(PATIENCE)
    return connection


def everything(connection: socket.socket) -> bytes:
    """What comes until the server closes the connection."""
    parts = []
    try:
        while part := connection.recv(65_536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


def answer(port: int, *parts: bytes) -> bytes:
    """What the server answers to these bytes, up to the end of a small body."""
    with connect(port) as connection:
        for part in parts:
            try:
                connection.sendall(part)
            except OSError:  # closed already: the answer is there to read
                break
        received = b""
        while not re.search(rb"\r\n\r\n[^\n]+", received):
            if not (part := connection.recv(65_536)):
                break
            received += part
        return received


def status(port: int, *parts: bytes) -> int:
    try:
        return int(answer(port, *parts).split(b" ")[1])
    except (OSError, IndexError):
        return 0


def post(size: int | None, path: str = "/", **fields: str) -> bytes:
    length = {"Content-Length": str(size)} if size is not None else {"Transfer-Encoding": "chunked"}
    lines = [f"POST {path} HTTP/1.1", "Host: a", *(f"{k}: {v}" for k, v in {**length, **fields}.items())]
    return "\r\n".join([*lines, "", ""]).encode()


def chunk(size: int) -> bytes:
    return b"%x\r\n%b\r\n" % (size, b"x" * size)


@pytest.mark.parametrize("size", [0, 1, 16_384, 20_000])
def test_a_body_within_the_limit_reaches_the_application(port, size):
    assert b"\r\n%d " % size in answer(port, post(size), b"x" * size)
    chunks = [chunk(size)] if size else []
    assert b"\r\n%d " % size in answer(port, post(None), *chunks, b"0\r\n\r\n")


def test_a_long_body_is_handed_on_in_small_parts(port):
    assert b"\r\n150000 65536" in answer(port, post(150_000, "/files"), b"x" * 150_000)


@pytest.mark.parametrize("path", ["/", "/%66iles/", "//files", "/files/../"])
def test_a_body_that_says_it_is_too_long_is_refused_before_it_comes(port, path):
    refused = answer(port, post(20_001, path))
    assert refused.startswith(b"HTTP/1.1 413")
    assert b"At most 0.02 MB may be sent here." in refused


def test_no_go_ahead_is_given_to_a_body_that_is_too_long(port):
    assert answer(port, post(20_001, Expect="100-continue")).startswith(b"HTTP/1.1 413")


def test_a_body_that_does_not_say_its_length_is_refused_at_the_limit(port):
    with connect(port) as connection:
        connection.sendall(post(None) + chunk(20_000))
        connection.sendall(chunk(1))
        assert everything(connection).startswith(b"HTTP/1.1 413")


def test_who_goes_on_sending_gets_to_read_why_it_is_refused(port):
    assert status(port, post(10_000_000), *[b"x" * 100_000] * 100) == 413


def test_forms_are_not_parsed_by_the_server(port):
    form = {"Content-Type": "multipart/form-data; boundary=B"}
    assert status(port, post(12, **form), b"--B\r\nbroken\r") == 200


@pytest.mark.parametrize("start", [b"", b"G", b"GET / HTTP/1.1\r\nHost: a\r\n", post(1000)])
def test_a_trickle_is_dropped(port, start):
    with connect(port) as connection:
        connection.sendall(start)
        begun = time.monotonic()
        connection.settimeout(SECONDS / 5)
        while time.monotonic() - begun < PATIENCE:
            try:
                connection.sendall(b"x")
                if not connection.recv(1):
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        assert time.monotonic() - begun < PATIENCE


def test_a_slow_body_that_makes_progress_is_not_dropped(port):
    parts = 12
    with connect(port) as connection:
        connection.sendall(post(parts * 1000))
        for _ in range(parts):
            time.sleep(SECONDS / 5)
            connection.sendall(b"x" * 1000)
        assert b"12000 12000" in connection.recv(65_536)


def test_only_so_many_large_bodies_arrive_at_once(port):
    large = post(100_000, "/held") + b"x" * 60_000
    with connect(port) as one, connect(port) as another:
        one.sendall(large)
        another.sendall(large)
        wait_until(lambda: status(port, large) == 503, timeout=PATIENCE)
        assert status(port, post(10), b"x" * 10) == 200
    # Both have left.
    wait_until(lambda: status(port, post(100_000, "/files"), b"x" * 100_000) == 200, timeout=PATIENCE)


def test_connections_beyond_those_of_one_address_are_closed_at_once(port):
    held = [connect(port) for _ in range(40)]
    try:
        closed = 0
        for connection in held:
            connection.settimeout(SECONDS / 10)
            try:
                closed += connection.recv(1) == b""
            except TimeoutError:
                pass
            except ConnectionResetError:
                closed += 1
        assert closed >= 40 - 12
    finally:
        for connection in held:
            connection.close()
    wait_until(lambda: status(port, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n") == 200, timeout=PATIENCE)


def test_a_websocket_counts_as_the_connection_that_it_was(port):
    upgrade = (
        b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
    )
    held = []
    try:
        while len(held) < 20:
            connection = connect(port)
            held.append(connection)
            try:
                connection.sendall(upgrade)
                if not connection.recv(1000).startswith(b"HTTP/1.1 101"):
                    break
            except OSError:
                break
        assert 5 < len(held) <= 13
        # They outlive the seconds that a request has.
        time.sleep(2 * SECONDS)
        held[0].setblocking(False)
        with pytest.raises(BlockingIOError):
            held[0].recv(1)
    finally:
        for connection in held:
            connection.close()
    wait_until(lambda: status(port, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n") == 200, timeout=PATIENCE)


def test_a_customer_is_an_address_or_the_network_of_an_ipv6_address():
    assert customer("192.0.2.7") == "192.0.2.7"
    assert customer("2001:db8::1") == customer("2001:db8::ffff") != customer("2001:db8:0:1::1")
    assert customer("") == ""
