import os
import signal
import socket

import pytest
import redis
from channels_redis.pubsub import RedisPubSubChannelLayer
from dramatiq.brokers.redis import RedisBroker

from tests.waiting import wait_until
from tryml.processes.process import StartError
from tryml.processes.supervisor import Supervisor
from tryml.servers.redis import Redis


@pytest.fixture
def supervisor():
    with Supervisor() as supervisor:
        yield supervisor


def run(supervisor, home) -> Redis:
    server = Redis(home)
    supervisor.start(server.child())
    supervisor.wait_until_ready()
    return server


@pytest.fixture(params=["home", "o d,d" * 30])
def url(request, supervisor, home) -> str:
    folder = home / request.param
    folder.mkdir()
    return run(supervisor, folder).url


def test_its_url_does_for_redis_and_for_dramatiq(url):
    with redis.Redis.from_url(url) as client:
        assert client.ping()
    broker = RedisBroker(url=url)
    assert broker.client.ping()
    broker.client.close()


async def test_its_url_does_for_channels(url):
    # given
    layer = RedisPubSubChannelLayer(hosts=[url])
    channel = await layer.new_channel()
    await layer.group_add("run", channel)

    # when
    await layer.group_send("run", {"type": "progress", "step": 7})

    # then
    assert await layer.receive(channel) == {"type": "progress", "step": 7}
    await layer.flush()


def test_it_listens_on_a_socket_of_its_owner_only(supervisor, home):
    # given
    server = run(supervisor, home)

    # when
    with redis.Redis.from_url(server.url) as client:
        ports = client.config_get("port")

    # then
    assert ports == {"port": "0"}
    assert server.socket.stat().st_mode & 0o777 == 0o700
    assert server.socket.parent.stat().st_mode & 0o777 == 0o700


def test_what_was_stored_is_there_after_a_kill_even_with_its_last_entry_cut_short(home):
    # given
    with Supervisor() as supervisor:
        server = Redis(home)
        child = server.child()
        supervisor.start(child)
        supervisor.wait_until_ready()
        with redis.Redis.from_url(server.url) as client:
            client.set("first", "1")
            client.set("last", "2")
        log = home / "redis" / "appendonly.aof"
        # Redis puts a write off while the disk is busy with the one before.
        wait_until(lambda: b"last" in log.read_bytes())
        assert child.process
        os.kill(child.process.pid, signal.SIGKILL)
    os.truncate(log, log.stat().st_size - 3)

    # when
    with Supervisor() as supervisor, redis.Redis.from_url(run(supervisor, home).url) as client:
        # then
        assert client.get("first") == b"1"
        assert client.get("last") is None


def test_nothing_but_its_data_is_left(home):
    # given
    with Supervisor() as supervisor:
        run(supervisor, home)

    # when / then
    assert [path.name for path in (home / "redis").iterdir()] == ["appendonly.aof"]
    assert not Redis(home).is_ready()


def test_a_server_that_runs_on_our_data_already_is_stopped_first(home):
    # given
    with Supervisor() as lost, Supervisor() as supervisor:
        orphan = Redis(home).child()
        lost.start(orphan)
        lost.wait_until_ready()

        # when
        run(supervisor, home)

        # then
        assert not orphan.alive


def test_the_socket_of_a_killed_server_does_not_hinder(home, supervisor):
    # given
    stale = Redis(home)
    stale.data.mkdir()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.fspath(stale.socket))

    # when / then
    assert run(supervisor, home).is_ready()


def test_damaged_data_are_told_in_the_servers_own_words(home, supervisor):
    # given
    (home / "redis").mkdir()
    (home / "redis" / "appendonly.aof").write_bytes(b"nonsense" * 10)

    # when / then
    with pytest.raises(StartError, match=r"redis ended with exit code 1\.\n(.*\n)*.*Bad file format"):
        run(supervisor, home)


def test_its_scary_warning_about_memory_is_kept_back(home):
    # given
    said = []

    # when
    with Supervisor(lambda name, line: said.append(line)) as supervisor:
        run(supervisor, home)

    # then
    assert said
    assert not [line for line in said if "overcommit" in line]
