"""PostgreSQL on this machine, for this application alone."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from tryml.processes.parent_death import bound_to_starter
from tryml.processes.process import ChildProcess, StartError
from tryml.servers import sockets
from tryml.servers.binaries import postgres_programs
from tryml.servers.os_user import reachable_folder, unprivileged_user

MAJOR = "18"
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "max_wal_size": "256MB",
    "jit": "off",  # our queries are short
    "log_checkpoints": "off",
    "log_line_prefix": "",
}
INITDB = [
    "--username=postgres",
    "--auth-local=trust",  # `_admit` says who may connect before the server starts
    "--auth-host=reject",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-sync",
    "--no-instructions",
]
BOOTSTRAP = """\
CREATE ROLE tryml LOGIN CREATEDB;
CREATE DATABASE tryml OWNER tryml;
"""


class Postgres:
    """The embedded PostgreSQL of the absolute folder `home`.

    PostgreSQL refuses to run as root. Started by root, it runs as another user, who owns its data folder.
    That folder is in `home` where the user can reach `home`; else it is in /var/lib/tryml with a link in
    `home`, under a random name, so that a home made anew never finds old data.
    """

    name = "postgres"

    def __init__(self, home: Path) -> None:
        self.home = home
        self.data = home / "postgres"
        self.account = unprivileged_user(self.data)
        self.socket = sockets.socket_path(self.data, ".s.PGSQL.5432", self.account)
        self.url = f"postgresql://tryml@{quote(str(self.socket.parent), safe='')}/tryml"

    def child(self) -> ChildProcess:
        """Create the database where there is none, and return the server for a supervisor to run.

        Raises OSError, or StartError where PostgreSQL is not installed, or the data were made by another
        major version or can't be made.
        """
        programs = postgres_programs(self.account)
        self._prepare(programs)
        self._admit()
        settings = {**SETTINGS, "unix_socket_directories": self.socket.parent.resolve()}
        options = [f"--{key}={value}" for key, value in settings.items()]
        return ChildProcess(
            self.name,
            [str(programs / "postgres"), "-D", str(self.data.resolve()), *options],
            before=self._clear,
            after=lambda: sockets.remove_folder(self.socket),
            ready=self.is_ready,
            uid=self.account.uid,
            gid=self.account.gid,
            # SIGINT ends the clients' sessions; SIGTERM would wait until they leave.
            stop_signal=signal.SIGINT,
            death_signal=signal.SIGINT,
            patience=60,
        )

    def is_ready(self) -> bool:
        """Say whether the server accepts connections: as for pg_ctl, line 8 of postmaster.pid says so."""
        lines = self._postmaster()
        return len(lines) > 7 and lines[7].strip() == "ready"

    def _postmaster(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return []

    def _clear(self) -> None:
        """Stop a server that a killed supervisor left on our data; remove the files that a killed server left."""
        sockets.make_folder(self.socket, self.account)
        # A killed supervisor: 1. It dies. 2. Its server still runs on our data. 3. We connect, so the pid
        # in postmaster.pid is the server's, and stop it. Without a connection that pid may be anybody's.
        with sockets.connected(self.socket) as connection:
            if connection is not None and (lines := self._postmaster()):
                with suppress(ProcessLookupError):
                    os.kill(int(lines[0]), signal.SIGINT)
        sockets.wait_until_deaf(self.socket)
        # A killed server: 1. It leaves postmaster.pid. 2. Another process gets its pid. 3. A new server
        # takes that process for a server on its data, and refuses to start. So remove the file.
        lock = self.socket.with_name(self.socket.name + ".lock")
        for stale in (self.data / "postmaster.pid", self.socket, lock):
            stale.unlink(missing_ok=True)

    def _prepare(self, programs: Path) -> None:
        try:
            made_by = (self.data / "PG_VERSION").read_text().strip()
        except FileNotFoundError:
            self._create(programs)
            return
        if made_by != MAJOR:
            raise StartError(
                f"{self.data} was made by PostgreSQL {made_by}, and this is PostgreSQL {MAJOR}: "
                "dump it with the old one and load it with this one, or set TRYML_HOME to another folder."
            )

    def _admit(self) -> None:
        """Let this process's user connect and nobody else: not the other programs of the user the server runs as."""
        try:
            user = pwd.getpwuid(os.geteuid()).pw_name
        except KeyError:  # a user without a name, as in some containers, can't be told by the server
            rules, names = "local all all trust\n", ""
        else:
            rules = "local all all peer map=tryml\n"
            names = "".join(f'tryml "{user}" {role}\n' for role in ("tryml", "postgres"))
        for name, text in (("pg_hba.conf", rules), ("pg_ident.conf", names)):
            file = self.data / name
            file.write_text(f"# Written at each start of TryML.\n{text}")
            file.chmod(0o600)
            os.chown(file, self.account.uid, self.account.gid)

    def _create(self, programs: Path) -> None:
        # 1. We make the data in a draft with a random name. 2. We are killed. 3. The next start finds no
        # data and makes a new draft. So `data` is always complete.
        place = self.home if self.account.may_reach(self.home) else reachable_folder()
        draft = Path(tempfile.mkdtemp(prefix="postgres.", dir=place))
        try:
            os.chown(draft, self.account.uid, self.account.gid)
            self._run([str(programs / "initdb"), "-D", str(draft), *INITDB], draft)
            single = [str(programs / "postgres"), "--single", "-D", str(draft), "postgres"]
            self._run(single, draft, BOOTSTRAP)
            if self.data.is_symlink():
                self.data.unlink()  # its target is gone
            draft.rename(place / "postgres")
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        if place != self.home:
            self.data.symlink_to(place / "postgres")

    def _run(self, program: list[str], folder: Path, text: str = "") -> None:
        done = subprocess.run(
            bound_to_starter(program, signal.SIGKILL, self.account.uid, self.account.gid),
            input=text,
            cwd=folder,
            env={**os.environ, "LC_ALL": "C", "TZ": "UTC"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            check=False,
        )
        if done.returncode or "ERROR:" in done.stdout:
            said = done.stdout.splitlines()[-6:]
            raise StartError("\n".join(["PostgreSQL can't make its data folder.", *said]))
