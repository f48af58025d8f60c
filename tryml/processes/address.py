"""The address that the web process listens on."""

import errno
import socket
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from ipaddress import IPv4Address, IPv6Address

from tryml.processes.process import StartError

# Hosts that mean "every address of this machine", and for each an address at which to reach it.
EVERYWHERE = {str(IPv4Address(0)): "127.0.0.1", str(IPv6Address(0)): "::1"}


@dataclass(frozen=True)
class Address:
    """A host of this machine, by name or number, and a TCP port."""

    host: str
    port: int

    @property
    def reachable_host(self) -> str:
        """The host to connect to: the loopback address where `host` means "every address"."""
        return EVERYWHERE.get(self.host, self.host)

    @property
    def url(self) -> str:
        host = self.reachable_host
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    def check_free(self) -> None:
        """Raise StartError where a server can't listen here."""
        try:
            family, kind, _, _, address = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)[0]
            with socket.socket(family, kind) as probe:
                # As the server does: connections of an earlier server may linger.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
        except OSError as error:
            raise StartError(self._explanation(error)) from None

    def _explanation(self, error: OSError) -> str:
        if error.errno == errno.EADDRINUSE:
            other = self.port + 1 if self.port < 65535 else 8000
            return f"Port {self.port} is taken; set PORT to another, e.g. PORT={other} make run."
        if error.errno == errno.EACCES:
            return f"Port {self.port} is not for ordinary users; set PORT to one above 1023."
        return f"HOST {self.host} is not an address of this machine ({error.strerror})."

    def answers(self) -> bool:
        """Say whether an HTTP request gets an answer, with any status, within 30 s."""
        connection = HTTPConnection(self.reachable_host, self.port, timeout=30)
        try:
            connection.request("GET", "/")
            connection.getresponse().read()
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()
        return True
