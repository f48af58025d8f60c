"""The user, run and request that the running code works for, to be noted in each record it makes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace

from django.http import HttpRequest, HttpResponse


@dataclass(frozen=True)
class About:
    """The ids of a user and a run, and the request being answered; each may be None."""

    user: int | None = None
    run: int | None = None
    request: HttpRequest | None = None


NOTHING = About()
_about: ContextVar[About] = ContextVar("about", default=NOTHING)


def current() -> About:
    """Return the user, run and request that the running code works for.

    The request gives the user and the run where `about` names none. This makes no query: the user is None
    until other code has loaded the request's user.
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
    """Note this run and this user in every record made in the `with` block; None keeps the outer one."""
    known = _about.get()
    token = _about.set(replace(known, run=run or known.run, user=user or known.user))
    try:
        yield
    finally:
        _about.reset(token)


def log_context(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware that notes the request in every record made while it is answered."""

    def middleware(request: HttpRequest) -> HttpResponse:
        token = _about.set(About(request=request))
        try:
            return get_response(request)
        finally:
            _about.reset(token)

    return middleware
