"""Nobody sees another's data. The URLs are taken from the URL configuration, so that a new one can't be forgotten."""

import pytest
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from training.runs import consumers

# What names a thing that belongs to somebody, and what that is in these tests.
OWNED = {"run_id", "experiment_id", "key", "network_id", "dataset_id", "drawing_id"}
PUBLIC = {
    "digits:digit",
    "training:shared_network",
    "training:shared_weights",
    "training:shared_corrections",
}


def patterns(resolver: URLResolver, names: tuple[str, ...] = (), route: str = ""):
    """Every URL of ours below `resolver`, as (name, route)."""
    for entry in resolver.url_patterns:
        here = route + str(entry.pattern)
        if isinstance(entry, URLResolver):
            if entry.app_name == "admin":
                continue
            yield from patterns(entry, (*names, entry.namespace) if entry.namespace else names, here)
        elif isinstance(entry, URLPattern):
            yield ":".join((*names, entry.name or "")), here, entry.pattern.converters


URLS = list(patterns(get_resolver()))
OWNED_URLS = [(name, route) for name, route, converters in URLS if OWNED & set(converters)]


def test_every_url_with_an_argument_is_known_to_these_tests():
    for name, _, converters in URLS:
        unknown = set(converters) - OWNED
        if unknown and not name.startswith("account_"):
            assert name in PUBLIC, f"{name} takes {unknown}: say whose that is"


@pytest.mark.parametrize(("name", "route"), OWNED_URLS)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_is_refused(name, route, method, path_of, strangers):
    response = getattr(strangers, method)(path_of(route))
    assert response.status_code in {404, 405}, name


@pytest.mark.parametrize(("name", "route"), OWNED_URLS)
@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_is_refused(name, route, method, path_of):
    response = getattr(Client(), method)(path_of(route))
    assert response.status_code in {404, 405} or response.url.startswith("/accounts/login/"), name


@pytest.mark.parametrize(("name", "route"), OWNED_URLS)
def test_the_owner_is_not(name, route, path_of, owners):
    url = path_of(route)
    assert 404 not in {owners.get(url).status_code, owners.post(url).status_code}, name


@pytest.mark.django_db(transaction=True)
async def test_a_stranger_is_refused_on_every_socket(run, strangers):
    session = f"{settings.SESSION_COOKIE_NAME}={strangers.cookies[settings.SESSION_COOKIE_NAME].value}"
    for pattern in consumers.urlpatterns:
        if "run_id" not in pattern.pattern.converters:
            continue
        for cookie in (session, ""):
            socket = WebsocketCommunicator(pattern.callback, f"/ws/runs/{run.pk}/")
            socket.scope |= {
                "headers": [(b"cookie", cookie.encode())],
                "url_route": {"args": (), "kwargs": {"run_id": run.pk}},
            }
            connected, code = await socket.connect()
            assert (connected, code) == (False, 4404)
