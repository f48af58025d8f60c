"""Redis on this machine, for this application alone."""

import signal
from pathlib import Path
from urllib.parse import quote

from tryml.processes.process import ChildProcess
from tryml.servers import sockets
from tryml.servers.binaries import redis_program
from tryml.servers.os_user import own_user

SETTINGS = {
    "port": "0",
    "unixsocketperm": "700",
    "appendonly": "yes",
    "appendfsync": "everysec",
    "aof-load-truncated": "yes",  # a crash may cut the last command short
    "save": "",  # the append-only file is enough
    "loglevel": "warning",
}


class Redis:
    """The embedded Redis of the absolute folder `home`."""

    name = "redis"

    def __init__(self, home: Path) -> None:
        self.data = home / "redis"
        self.socket = sockets.socket_path(self.data, "redis.sock", own_user())
        self.url = f"unix://{quote(str(self.socket))}?db=0"

    def child(self) -> ChildProcess:
        """Make the data folder where there is none, and return the server for a supervisor to run.

        Raises OSError where the folder can't be made, StartError where Redis is not installed.
        """
        self.data.mkdir(mode=0o700, exist_ok=True)
        settings = {**SETTINGS, "dir": str(self.data), "unixsocket": str(self.socket)}
        options = [word for key, value in settings.items() for word in (f"--{key}", value)]
        return ChildProcess(
            self.name,
            [str(redis_program()), *options],
            before=self._clear,
            after=lambda: sockets.remove_folder(self.socket),
            ready=self.is_ready,
            hidden="overcommit",  # a warning that matters only for far larger data
            death_signal=signal.SIGTERM,
        )

    def is_ready(self) -> bool:
        """Say whether the server answers PING; while it loads its data, it answers with an error."""
        return sockets.answer(self.socket, b"PING\r\n").startswith(b"+PONG")

    def _clear(self) -> None:
        """Stop a server that a killed supervisor left on our data; remove the socket that a killed server left."""
        sockets.make_folder(self.socket, own_user())
        sockets.answer(self.socket, b"SHUTDOWN\r\n")
        sockets.wait_until_deaf(self.socket)
        self.socket.unlink(missing_ok=True)
