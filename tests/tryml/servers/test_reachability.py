import pytest
from django.db import connection

from tryml.processes.process import StartError
from tryml.servers.reachability import check_postgres, check_redis


@pytest.fixture
def elsewhere(monkeypatch):
    """Lets the settings name a database that is not there."""

    def go(**settings: object) -> None:
        for name, value in settings.items():
            monkeypatch.setitem(connection.settings_dict, name, value)

    return go


def test_servers_that_answer_are_no_error():
    check_postgres()
    check_redis()


def test_a_database_that_is_not_there_is_told_in_one_line_without_the_password(elsewhere):
    # given
    elsewhere(HOST="127.0.0.1", PORT=1, USER="me", PASSWORD="sesame")

    # when / then
    with pytest.raises(StartError) as error:
        check_postgres()
    message = str(error.value)
    assert message.startswith("PostgreSQL can't be reached (DATABASE_URL): ")
    assert "127.0.0.1" in message
    assert "refused" in message
    assert "\n" not in message
    assert "sesame" not in message


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("redis://:sesame@127.0.0.1:1/0", r"Redis can't be reached \(REDIS_URL\): .*refused\."),
        ("unix:///nowhere/redis.sock?db=0", r"Redis can't be reached \(REDIS_URL\): .*No such file"),
        ("http://:sesame@127.0.0.1", "REDIS_URL is not of the form redis://"),
        ("redis://me:se/same@127.0.0.1:1", "REDIS_URL is not of the form redis://"),
    ],
)
def test_a_redis_that_is_not_there_is_told_in_one_line_without_the_password(settings, url, message):
    # given
    settings.REDIS_URL = url

    # when / then
    with pytest.raises(StartError, match=message) as error:
        check_redis()
    assert "\n" not in str(error.value)
    assert "same" not in str(error.value)
