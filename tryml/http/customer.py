"""Who counts as one where requests and connections are counted by address."""

from ipaddress import IPv6Address, ip_network

NETWORK = 64  # bits of an IPv6 network that counts as one address: a provider gives one customer as much


def customer(address: str) -> str:
    """Return the address; for an IPv6 address its network, since one customer may use all addresses there."""
    try:
        return str(ip_network(f"{IPv6Address(address)}/{NETWORK}", strict=False))
    except ValueError:
        return address
