import socket
import threading

import pytest

from tryml.processes.address import Address
from tryml.processes.process import StartError


@pytest.fixture
def server():
    """A socket that listens at a port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


def port(server: socket.socket) -> int:
    return server.getsockname()[1]


def test_a_free_port_is_no_error():
    # given
    with socket.create_server(("127.0.0.1", 0)) as listening:
        free = port(listening)

    # when / then
    Address("127.0.0.1", free).check_free()


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "localhost"])
def test_a_port_in_use_is_refused_with_a_way_out(server, host):
    # given
    taken = port(server)

    # when / then
    with pytest.raises(StartError) as error:
        Address(host, taken).check_free()
    assert str(error.value) == (
        f"Port {taken} is taken; set PORT to another, e.g. PORT={taken + 1} make run."
    )


@pytest.mark.parametrize("host", ["192.0.2.1", "nowhere.invalid"])
def test_a_host_of_another_machine_is_refused(host):
    with pytest.raises(StartError, match=f"HOST {host} is not an address of this machine"):
        Address(host, 8000).check_free()


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::", "http://[::1]:8000"),
        ("::1", "http://[::1]:8000"),
        ("example.org", "http://example.org:8000"),
    ],
)
def test_the_url_is_one_that_a_browser_here_can_open(host, url):
    assert Address(host, 8000).url == url


def answer(server: socket.socket, what: bytes) -> None:
    connection, _ = server.accept()
    with connection:
        connection.recv(1000)
        connection.sendall(what)


@pytest.mark.parametrize(
    ("what", "answers"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", True),
        (b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", True),
        (b"SSH-2.0\r\n", False),
        (b"", False),
    ],
)
def test_only_http_is_an_answer(server, what, answers):
    # given
    thread = threading.Thread(target=answer, args=(server, what))
    thread.start()

    # when / then
    assert Address("127.0.0.1", port(server)).answers() is answers
    thread.join()


def test_where_nobody_listens_there_is_no_answer():
    # given
    with socket.create_server(("127.0.0.1", 0)) as listening:
        free = port(listening)

    # when / then
    assert not Address("127.0.0.1", free).answers()
