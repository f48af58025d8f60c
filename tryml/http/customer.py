"""Who counts as one where requests and connections are counted by address."""

from ipaddress import IPv6Address, ip_network

HOME = 64  # bits of an IPv6 address that one customer has


def customer(address: str) -> str:
    """The address itself; of an IPv6 address its network, all of whose addresses one customer may use."""
    try:
        return str(ip_network(f"{IPv6Address(address)}/{HOME}", strict=False))
    except ValueError:
        return address
