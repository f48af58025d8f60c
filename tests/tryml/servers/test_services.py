import dj_database_url
import psycopg
import pytest
import redis

from tryml import servers
from tryml.processes.process import StartError
from tryml.servers.lock import hold


def test_the_urls_are_known_before_anything_runs(home):
    # when
    database, queue = servers.postgres_url(home), servers.redis_url(home)

    # then
    assert list(home.iterdir()) == []
    parsed = dj_database_url.parse(database)
    assert (parsed["ENGINE"], parsed["NAME"], parsed["USER"]) == (
        "django.db.backends.postgresql",
        "tryml",
        "tryml",
    )
    assert parsed["HOST"] == str(home.resolve() / "postgres")
    assert queue == f"unix://{home.resolve()}/redis/redis.sock?db=0"


def test_both_run_in_the_block_for_all_who_ask_and_not_after_it(home):
    # when
    with servers.services(home) as urls:
        # then
        assert urls == (servers.postgres_url(home), servers.redis_url(home))
        with servers.services(home) as the_same:
            assert the_same == urls
        with psycopg.connect(urls[0]) as session:
            assert session.execute("SELECT current_user").fetchone() == ("tryml",)
        with redis.Redis.from_url(urls[1]) as client:
            assert client.ping()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(urls[0])
    assert sorted(path.name for path in home.iterdir()) == ["postgres", "redis"]


def test_servers_of_ones_own_are_taken_as_they_are(home, monkeypatch):
    # given
    monkeypatch.setenv("DATABASE_URL", "postgresql://somewhere/else")
    monkeypatch.setenv("REDIS_URL", "redis://somewhere/0")

    # when
    with servers.services(home) as urls:
        # then
        assert urls == ("postgresql://somewhere/else", "redis://somewhere/0")
    assert list(home.iterdir()) == []


def test_servers_of_another_process_that_never_get_ready_are_an_error(home, monkeypatch):
    # given
    monkeypatch.setattr(servers._wait_for, "__defaults__", (0.05,))

    # when / then
    with (
        hold(home / "postgres.lock"),
        pytest.raises(
            StartError, match="The postgres of another TryML on the same folder does not get ready"
        ),
        servers.services(home),
    ):
        pass
