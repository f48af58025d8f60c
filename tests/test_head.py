"""HEAD answers as GET does, without a body: link checkers, monitors and proxies ask so."""

import pytest

from tests.test_strangers import URLS

ASKED = [(name, route) for name, route, _ in URLS if not name.startswith("account_")]
# What stands for the arguments that name nobody's things.
PUBLIC = {"<str:split>": "test", "<int:index>": "3", "<slug:share>": "nothing", "<slug:version>": "nothing"}


@pytest.mark.parametrize(("name", "route"), ASKED, ids=[name or route for name, route in ASKED])
def test_head_is_get_without_a_body(name, route, owners, path_of):
    for argument, value in PUBLIC.items():
        route = route.replace(argument, value)
    path = path_of(route)
    assert "<" not in path
    expected, answered = owners.get(path), owners.head(path)
    assert answered.status_code == expected.status_code
    assert answered.headers.get("Content-Type") == expected.headers.get("Content-Type")
