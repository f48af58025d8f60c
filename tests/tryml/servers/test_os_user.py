import os
import pwd
import stat

import pytest

from tryml.servers.os_user import OsUser, own_user, reachable_folder, unprivileged_user

STRANGER = OsUser(12345, 12345)


@pytest.mark.parametrize(
    ("mode", "account", "reached"),
    [
        (0o700, STRANGER, False),
        (0o701, STRANGER, True),
        (0o711, STRANGER, True),
        (0o770, STRANGER, False),
        (0o710, OsUser(12345, os.getegid()), True),
        (0o701, OsUser(12345, os.getegid()), False),
        (0o700, OsUser(os.geteuid(), 12345), True),
    ],
)
def test_the_bits_that_count_are_those_of_owner_group_or_others(home, mode, account, reached):
    # given
    folder = home / "folder"
    (folder / "inside").mkdir(parents=True)
    folder.chmod(mode)

    # when / then
    assert account.may_reach(folder) is reached
    assert account.may_reach(folder / "missing") is reached
    folder.chmod(0o700)


def test_a_link_is_followed_to_where_it_leads(home):
    # given
    (home / "private").mkdir(mode=0o700)
    (home / "private" / "inside").mkdir()
    (home / "link").symlink_to(home / "private" / "inside")

    # when / then
    assert not STRANGER.may_reach(home / "link")


def test_only_root_needs_somebody_else(home, is_root):
    # when
    account = unprivileged_user(home / "missing")

    # then
    assert account.uid == (pwd.getpwnam("nobody").pw_uid if is_root else os.geteuid())


def test_root_takes_the_owner_of_the_data(home, is_root):
    # given
    if is_root:
        os.chown(home, 12345, 12345)

    # when / then
    assert unprivileged_user(home) == (STRANGER if is_root else own_user())


def test_a_reachable_folder_has_a_new_name_and_may_be_passed_through(reachable):
    # given
    old_mask = os.umask(0o077)

    # when
    try:
        one, other = reachable_folder(), reachable_folder()
    finally:
        os.umask(old_mask)

    # then
    assert one != other
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in (one, other)} == {0o711}
    assert STRANGER.may_reach(one)
