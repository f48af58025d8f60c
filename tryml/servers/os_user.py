"""The operating system's user that an embedded server runs as, and the folders that user can reach."""

import os
import pwd
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

# Root's place for files that another user must reach and can't reach elsewhere.
REACHABLE = Path(os.sep, "var", "lib", "tryml")


@dataclass(frozen=True)
class OsUser:
    """A user and its main group, by number."""

    uid: int
    gid: int

    def may_reach(self, folder: Path) -> bool:
        """Say whether this user may pass through `folder` and its parents, as far as they exist."""
        folder = folder.resolve()
        return all(self._may_enter(place.stat()) for place in (folder, *folder.parents) if place.exists())

    def _may_enter(self, place: os.stat_result) -> bool:
        if place.st_uid == self.uid:
            return bool(place.st_mode & stat.S_IXUSR)
        if place.st_gid == self.gid:
            return bool(place.st_mode & stat.S_IXGRP)
        return bool(place.st_mode & stat.S_IXOTH)


def own_user() -> OsUser:
    """Return the user this process runs as."""
    return OsUser(os.geteuid(), os.getegid())


def unprivileged_user(data: Path) -> OsUser:
    """Return the user for a server over the folder `data` that refuses to run as root.

    That is our own user, unless we are root. Then it is the owner of `data`, or `nobody` where `data` does
    not exist yet or is root's. Raises KeyError where there is no user `nobody`.
    """
    if os.geteuid() != 0:
        return own_user()
    if data.exists() and (owner := data.stat()).st_uid != 0:
        return OsUser(owner.st_uid, owner.st_gid)
    nobody = pwd.getpwnam("nobody")
    return OsUser(nobody.pw_uid, nobody.pw_gid)


def reachable_folder() -> Path:
    """Make a folder with a random name in `REACHABLE` that every user may pass through.

    Only root can. Raises OSError for any other user.
    """
    REACHABLE.mkdir(parents=True, exist_ok=True)
    REACHABLE.chmod(0o755)
    folder = Path(tempfile.mkdtemp(prefix="", dir=REACHABLE))
    folder.chmod(0o711)
    return folder
