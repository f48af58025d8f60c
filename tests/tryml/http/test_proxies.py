"""Whose address a request has when proxies pass it on."""

import pytest

from tryml.http.proxies import TrustedProxies

PROXIES = ["10.0.0.0/8", "fd00::1"]


async def client(peer: str, *forwarded: str, proxies=PROXIES) -> str:
    seen = {}

    async def application(scope, receive, send):
        seen.update(scope)

    headers = [(b"host", b"a"), *((b"x-forwarded-for", value.encode("latin-1")) for value in forwarded)]
    scope = {"type": "http", "client": [peer, 1234], "headers": headers}
    await TrustedProxies(application, proxies)(scope, None, None)
    assert seen["client"][1] == 1234
    return seen["client"][0]


@pytest.mark.parametrize(
    ("peer", "forwarded", "visitor"),
    [
        ("192.0.2.1", [], "192.0.2.1"),
        ("192.0.2.1", ["198.51.100.7"], "192.0.2.1"),  # says so itself: not believed
        ("10.0.0.2", ["198.51.100.7"], "198.51.100.7"),
        ("10.0.0.2", ["1.2.3.4, 198.51.100.7"], "198.51.100.7"),  # the first is made up
        ("10.0.0.2", ["1.2.3.4", "198.51.100.7, 10.0.0.3"], "198.51.100.7"),
        ("fd00::1", ["2001:db8::5"], "2001:db8::5"),
        ("10.0.0.2", [], "10.0.0.2"),
        ("10.0.0.2", ["unknown"], "10.0.0.2"),
        ("10.0.0.2", ["198.51.100.7, ²"], "10.0.0.2"),
        ("10.0.0.2", ["10.0.0.9"], "10.0.0.9"),
    ],
)
async def test_a_visitor_is_the_last_that_is_no_proxy(peer, forwarded, visitor):
    assert await client(peer, *forwarded) == visitor


async def test_without_proxies_nobody_is_believed():
    assert await client("10.0.0.2", "198.51.100.7", proxies=[]) == "10.0.0.2"


def test_what_is_no_address_is_said_at_once():
    with pytest.raises(ValueError, match="does not appear"):
        TrustedProxies(None, ["proxy.example.org"])
