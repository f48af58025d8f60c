import os
import socket
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tryml.servers import sockets
from tryml.servers.os_user import OsUser, own_user


@pytest.fixture
def temporary(home, monkeypatch) -> Path:
    """What stands for the temporary directory."""
    folder = home / "tmp"
    folder.mkdir()
    monkeypatch.setattr(sockets, "TEMPORARY", folder)
    return folder


def test_a_socket_lies_with_the_data(tmp_path):
    assert sockets.socket_path(Path("/srv/home/redis"), "redis.sock", own_user()) == Path(
        "/srv/home/redis/redis.sock"
    )


@pytest.mark.parametrize("folder", ["/srv/" + "x" * 100, "/srv/a b", "/srv/a,b", '/srv/"', "/srv/ünï"])
def test_where_the_path_does_not_do_it_lies_in_the_temporary_directory(folder):
    # given
    account = OsUser(12345, 12345)

    # when
    path = sockets.socket_path(Path(folder), "s", account)

    # then
    assert path.parent.parent == sockets.TEMPORARY
    assert path.parent.name.startswith("tryml-12345-")
    assert path == sockets.socket_path(Path(folder), "s", account)
    assert path != sockets.socket_path(Path(folder + "y"), "s", account)


def test_the_path_is_the_same_through_a_link(home):
    # given
    (home / "real").mkdir()
    (home / "link").symlink_to(home / "real")

    # when / then
    path = sockets.socket_path(home / "link" / "redis", "s", own_user())
    assert path == home.resolve() / "real" / "redis" / "s"


def test_a_folder_in_the_temporary_directory_is_its_owners_alone_and_goes_again(temporary):
    # given
    path = temporary / "tryml-1" / "s"

    # when
    sockets.make_folder(path, own_user())
    sockets.make_folder(path, own_user())

    # then
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    sockets.remove_folder(path)
    sockets.remove_folder(path)
    assert not path.parent.exists()


def test_any_other_folder_is_left_alone(temporary, home):
    # when
    sockets.make_folder(home / "data" / "s", own_user())
    (home / "data").mkdir()
    sockets.remove_folder(home / "data" / "s")

    # then
    assert (home / "data").exists()


@pytest.mark.parametrize("trap", ["open", "link", "foreign"])
def test_a_folder_that_somebody_else_has_prepared_is_refused(temporary, home, trap):
    # given
    path = temporary / "tryml-1" / "s"
    account = own_user()
    if trap == "open":
        path.parent.mkdir()
        path.parent.chmod(0o755)
    elif trap == "link":
        (home / "theirs").mkdir(mode=0o700)
        path.parent.symlink_to(home / "theirs")
    else:
        path.parent.mkdir(mode=0o700)
        account = OsUser(account.uid + 1, account.gid)

    # when / then
    with pytest.raises(PermissionError, match="Not ours alone"):
        sockets.make_folder(path, account)


def test_connecting_tells_whether_anybody_listens(home):
    # given
    path = home / "s"

    # when / then
    with sockets.connected(path) as connection:
        assert connection is None
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.fspath(path))
        server.listen()
        with sockets.connected(path) as connection:
            assert connection is not None
        with pytest.raises(TimeoutError, match="does not stop"):
            sockets.wait_until_deaf(path, timeout=0)
    sockets.wait_until_deaf(path)


@pytest.mark.parametrize("reads", [False, True])
def test_a_server_that_ends_while_it_is_asked_has_answered_nothing(home, reads):
    # given
    path = home / "s"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.fspath(path))
        server.listen()

        def end() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(64) if reads else connection.recv(
                    1
                )  # what is left unread resets the connection

        with ThreadPoolExecutor() as pool:
            ended = pool.submit(end)

            # when / then
            assert sockets.answer(path, b"PING") == b""
            ended.result()


def test_a_socket_that_is_not_there_has_answered_nothing(home):
    assert sockets.answer(home / "s", b"PING") == b""
