"""HEAD answers as GET does, without a body: link checkers, monitors and proxies ask so."""

import pytest

from tests.test_strangers import URLS, dataset, drawing, filled, network  # noqa: F401

ASKED = [(name, route) for name, route, _ in URLS if not name.startswith("account_")]


@pytest.mark.parametrize(("name", "route"), ASKED, ids=[name or route for name, route in ASKED])
def test_head_is_get_without_a_body(name, route, owners, run, network, dataset, drawing):  # noqa: F811
    path = filled(route, run, network, dataset, drawing)
    if "<" in path:
        pytest.skip("it takes more than an id")
    owners.raise_request_exception = False
    expected = owners.get(path)
    answered = owners.head(path)
    assert answered.status_code == expected.status_code
    assert answered.headers.get("Content-Type") == expected.headers.get("Content-Type")
