"""Whom and what the code that runs just now is about, so that each record can say it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace

from django.http import HttpRequest, HttpResponse


@dataclass(frozen=True)
class About:
    """The ids of a user and a run, and the request that is being answered, where there is one."""

    user: int | None = None
    run: int | None = None
    request: HttpRequest | None = None


NOTHING = About()
_about: ContextVar[About] = ContextVar("about", default=NOTHING)


def current() -> About:
    """Return what is being worked on; a request's user and run are taken from it.

    Asks no database: before anybody has looked who a request's user is, nothing is said of them.
    """
    about = _about.get()
    request = about.request
    if request is None:
        return about
    user = about.user or getattr(getattr(request, "_cached_user", None), "pk", None)
    match = request.resolver_match
    return replace(about, user=user, run=about.run or (match.kwargs.get("run_id") if match else None))


@contextmanager
def about(*, run: int | None = None, user: int | None = None) -> Iterator[None]:
    """Let every record made inside say that it is about this run and this user."""
    known = _about.get()
    token = _about.set(replace(known, run=run or known.run, user=user or known.user))
    try:
        yield
    finally:
        _about.reset(token)


def log_context(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware that lets every record made while a request is answered say which one it was."""

    def middleware(request: HttpRequest) -> HttpResponse:
        token = _about.set(About(request=request))
        try:
            return get_response(request)
        finally:
            _about.reset(token)

    return middleware
