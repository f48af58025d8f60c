"""Views that compute for long: few at a time, a short queue, and a clear answer to all others."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, TypeVar

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tryml.http.customer import customer

View = TypeVar("View", bound=Callable[..., Any])


class Busy(Exception):
    """Raised when too many compute already."""


class Gate:
    """Lets `at_once` through at a time; `waiting` more may wait up to `seconds`, of each visitor at most `each`."""

    def __init__(self, at_once: int, waiting: int, each: int, seconds: float) -> None:
        self.most, self.each, self.seconds = at_once + waiting, each, seconds
        self._slots = threading.Semaphore(at_once)
        self._inside: Counter[str] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def entered(self, visitor: str) -> Iterator[None]:
        """Be inside until the block ends. Raises Busy."""
        with self._lock:
            if self._inside.total() >= self.most or self._inside[visitor] >= self.each:
                raise Busy
            self._inside[visitor] += 1
        try:
            if not self._slots.acquire(timeout=self.seconds):
                raise Busy
            try:
                yield
            finally:
                self._slots.release()
        finally:
            with self._lock:
                self._inside[visitor] -= 1
                self._inside += Counter()  # drops those with none


GATE = Gate(**settings.HEAVY)


def heavy(view: View) -> View:
    """Let the view compute when its turn comes, or answer 503; no connection to the database is held meanwhile."""

    @wraps(view)
    def gated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        visitor = str(request.user.pk or customer(get_adapter(request).get_client_ip(request)))
        if not connection.in_atomic_block:
            connection.close()  # gives it back to the pool; the view gets another when it needs one
        try:
            with GATE.entered(visitor):
                response: HttpResponse = view(request, *args, **kwargs)
        except Busy:
            response = render(request, "503.html", status=503)
            response.headers["Retry-After"] = "30"
        return response

    return gated  # type: ignore[return-value]
