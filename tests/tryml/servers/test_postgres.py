import os
import shutil
import signal
import subprocess
from pathlib import Path

import psycopg
import pytest

from tryml.processes.process import StartError
from tryml.processes.supervisor import Supervisor
from tryml.servers.postgres import Postgres


@pytest.fixture(scope="module")
def made(shared_home) -> Path:
    """A home with a database in it, to copy: making one takes a second."""
    with Supervisor():
        Postgres(shared_home).child()
    return shared_home / "postgres"


@pytest.fixture
def full_home(home, made) -> Path:
    """A home with a database in it."""
    subprocess.check_call(["cp", "-a", made, home / "postgres"])
    return home


@pytest.fixture
def supervisor():
    with Supervisor() as supervisor:
        yield supervisor


def run(supervisor, home) -> Postgres:
    postgres = Postgres(home)
    supervisor.start(postgres.child())
    supervisor.wait_until_ready()
    return postgres


def ask(postgres: Postgres, question: str):
    with psycopg.connect(postgres.url) as session:
        return session.execute(question).fetchone()


def test_it_is_ours_in_unicode_and_keeps_what_it_promises(supervisor, full_home):
    # given
    postgres = run(supervisor, full_home)

    # when
    answer = ask(
        postgres,
        """SELECT current_user, rolsuper, rolcreatedb, current_setting('server_encoding'), current_setting('fsync'),
        current_setting('listen_addresses'), upper('é'), split_part(version(), '.', 1)
        FROM pg_roles WHERE rolname = current_user""",
    )

    # then
    assert answer == ("tryml", False, True, "UTF8", "on", "", "É", "PostgreSQL 18")


def test_nobody_else_gets_at_the_data_or_the_socket(supervisor, full_home):
    # given
    postgres = run(supervisor, full_home)

    # when / then
    assert postgres.socket.is_socket()
    assert postgres.socket.stat().st_mode & 0o777 == 0o700
    assert postgres.socket.parent.stat().st_mode & 0o777 == 0o700


def test_a_restart_finds_all_data_again_and_leaves_nothing_running(full_home):
    # given
    with Supervisor() as supervisor, psycopg.connect(run(supervisor, full_home).url) as session:
        session.execute("CREATE TABLE marks AS SELECT 7 AS mark")
        session.commit()
    assert not (full_home / "postgres" / "postmaster.pid").exists()
    assert not Postgres(full_home).socket.exists()

    # when
    with Supervisor() as supervisor:
        # then
        assert ask(run(supervisor, full_home), "SELECT mark FROM marks") == (7,)


def test_clients_do_not_hold_up_its_end(full_home):
    # given
    with Supervisor() as supervisor:
        postgres = run(supervisor, full_home)
        session = psycopg.connect(postgres.url)

    # when / then
    with pytest.raises(psycopg.OperationalError), session:
        session.execute("SELECT 1")
    assert not postgres.is_ready()


def test_what_a_killed_server_left_does_not_hinder_the_next(full_home):
    # given: files that name a process which lives, and isn't PostgreSQL
    postgres = Postgres(full_home)
    with Supervisor() as supervisor:
        run(supervisor, full_home)
        pid_file = (full_home / "postgres" / "postmaster.pid").read_text()
        lock_file = postgres.socket.with_name(postgres.socket.name + ".lock")
        stale = lock_file.read_text()
    living = f"{os.getpid()}\n" + pid_file.partition("\n")[2]
    (full_home / "postgres" / "postmaster.pid").write_text(living)
    lock_file.write_text(f"{os.getpid()}\n" + stale.partition("\n")[2])
    assert postgres.is_ready()

    # when / then
    with Supervisor() as supervisor:
        assert ask(run(supervisor, full_home), "SELECT 1") == (1,)


def test_after_a_kill_the_next_start_recovers(full_home):
    # given
    with Supervisor() as supervisor, psycopg.connect(run(supervisor, full_home).url) as session:
        session.execute("CREATE TABLE marks AS SELECT 7 AS mark")
        session.commit()
        os.kill(int((full_home / "postgres" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)

    # when / then
    with Supervisor() as supervisor:
        assert ask(run(supervisor, full_home), "SELECT mark FROM marks") == (7,)


def test_a_server_that_runs_on_our_data_already_is_stopped_first(full_home):
    # given
    with Supervisor() as lost, Supervisor() as supervisor:
        orphan = Postgres(full_home).child()
        lost.start(orphan)
        lost.wait_until_ready()

        # when
        postgres = run(supervisor, full_home)

        # then
        assert not orphan.alive
        assert ask(postgres, "SELECT 1") == (1,)


def test_data_of_another_major_version_are_refused(full_home):
    # given
    (full_home / "postgres" / "PG_VERSION").write_text("17\n")

    # when / then
    with pytest.raises(StartError, match="was made by PostgreSQL 17, and this is PostgreSQL 18"):
        Postgres(full_home).child()


def test_damaged_data_are_told_in_the_servers_own_words(full_home, supervisor):
    # given
    (full_home / "postgres" / "global" / "pg_control").unlink()

    # when / then
    with pytest.raises(StartError, match=r"postgres ended with exit code 2\.\n(.*\n)*.*pg_control"):
        run(supervisor, full_home)


def test_what_goes_wrong_while_the_data_are_made_is_told_and_leaves_nothing(home, monkeypatch):
    # given
    monkeypatch.setattr("tryml.servers.postgres.BOOTSTRAP", "CREATE NONSENSE;\n")

    # when / then
    with pytest.raises(StartError, match=r"PostgreSQL can't make its data folder\.\n(.*\n)*.*syntax error"):
        Postgres(home).child()
    assert list(home.iterdir()) == []


def test_a_home_with_a_long_and_odd_name_will_do(home, made):
    # given
    odd = home / ("ü, 'x\" " * 15)
    odd.mkdir()
    subprocess.check_call(["cp", "-a", made, odd / "postgres"])

    # when
    with Supervisor() as supervisor:
        postgres = run(supervisor, odd)
        answer = ask(postgres, "SELECT 1")

    # then
    assert answer == (1,)
    assert not postgres.socket.parent.exists()


def test_a_home_that_only_root_can_reach_keeps_its_data_elsewhere_and_never_finds_old_ones(
    private_home, reachable, is_root
):
    # given
    private_home.mkdir()
    mode = private_home.parent.stat().st_mode

    # when
    with Supervisor() as supervisor:
        assert ask(run(supervisor, private_home), "SELECT 1") == (1,)
    with Supervisor() as supervisor:
        assert ask(run(supervisor, private_home), "SELECT 2") == (2,)

    # then
    data = (private_home / "postgres").resolve()
    assert data.is_relative_to(reachable) is is_root
    assert private_home.parent.stat().st_mode == mode
    # and: a home made anew has a database of its own, and one whose data are gone makes new ones
    shutil.rmtree(private_home)
    private_home.mkdir()
    (private_home / "postgres").symlink_to(reachable / "gone")
    Postgres(private_home).child()
    assert (private_home / "postgres").resolve() != data or not is_root
