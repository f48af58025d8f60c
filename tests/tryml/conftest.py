import pytest

from tests.conftest import signed_in


@pytest.fixture
def guests(guest):
    """A guest's browser."""
    return signed_in(guest)


@pytest.fixture
def admins(admin_user):
    """An administrator's browser."""
    return signed_in(admin_user)
