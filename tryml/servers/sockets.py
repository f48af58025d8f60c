"""Where the embedded servers put their Unix sockets."""

import os
import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from tryml.servers.os_user import OsUser

# The shortest limit on the bytes of a socket's path: macOS has 103, Linux 107.
LONGEST = 103
# PostgreSQL reads a list of folders in the setting where we give one: no commas, quotes or blanks.
PLAIN = re.compile(r"[A-Za-z0-9_./+-]+")
# Not the TMPDIR of this shell: another shell's may differ, and both must find the same socket.
TEMPORARY = Path(os.sep, "tmp")


def socket_path(data: Path, name: str, account: OsUser) -> Path:
    """Return the path of the socket `name` of the server whose data lie in `data`. Touches nothing.

    It is in `data` itself where that path is short and plain enough, else in a folder in /tmp.
    """
    data = data.parent.resolve() / data.name
    if len(os.fsencode(data / name)) <= LONGEST and PLAIN.fullmatch(str(data)):
        return data / name
    digest = sha256(os.fsencode(data)).hexdigest()[:12]
    return TEMPORARY / f"tryml-{account.uid}-{digest}" / name


def make_folder(path: Path, account: OsUser) -> None:
    """Make the folder of the socket `path` if it belongs in /tmp.

    Raises PermissionError where the folder exists and isn't the account's alone.
    """
    folder = path.parent
    if folder.parent != TEMPORARY:
        return
    try:
        folder.mkdir(mode=0o700)
        os.chown(folder, account.uid, account.gid)
    except FileExistsError:
        found = folder.lstat()
        if folder.is_symlink() or found.st_uid != account.uid or found.st_mode & 0o077:
            raise PermissionError(13, "Not ours alone", str(folder)) from None


def remove_folder(path: Path) -> None:
    """Remove the folder of the socket `path` if it is in /tmp and empty."""
    if path.parent.parent == TEMPORARY:
        with suppress(OSError):
            path.parent.rmdir()


@contextmanager
def connected(path: Path) -> Iterator[socket.socket | None]:
    """Connect to the socket `path` and yield the connection, with a timeout of 5 s; None where that fails."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(5)
        try:
            connection.connect(str(path))
        except OSError:
            yield None
        else:
            yield connection


def answer(path: Path, question: bytes) -> bytes:
    """Send `question` to the socket `path` and return up to 64 bytes of the answer; none where there is none."""
    with connected(path) as connection, suppress(OSError):
        if connection is not None:
            connection.sendall(question)
            return connection.recv(64)
    return b""


def wait_until_deaf(path: Path, timeout: float = 30.0) -> None:
    """Wait until no process listens on the socket `path`. Raises TimeoutError after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while _listens(path):
        if time.monotonic() > deadline:
            raise TimeoutError(110, "A server from before does not stop", str(path))
        time.sleep(0.02)


def _listens(path: Path) -> bool:
    with connected(path) as connection:
        return connection is not None
