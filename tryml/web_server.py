"""The web process: `python -m tryml.web_server HOST PORT` serves pages over HTTP and progress over WebSockets."""

import sys

# Before anything of Django's or Twisted's: it installs the event loop.
from tryml.http.server import Server  # isort: skip
from django.conf import settings

from tryml.asgi import application
from tryml.http.limits import Limits, open_files
from tryml.web.body_limit import body_limit


def main() -> None:
    host, port = sys.argv[1:]
    open_files()
    limits = Limits(
        body=body_limit,
        connections_per_address=settings.CONNECTIONS_PER_ADDRESS,
        proxies=tuple(settings.PROXIES),
    )
    # In a description of Twisted's a colon parts the words.
    address = host.replace(":", r"\:")
    Server(application, limits, endpoints=[f"tcp:port={port}:interface={address}"], verbosity=0).run()


if __name__ == "__main__":
    main()
