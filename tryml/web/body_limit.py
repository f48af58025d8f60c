"""How many bytes a request to a path may carry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.urls import Resolver404, resolve

FORM = 200_000  # bytes of a form beside its files
View = TypeVar("View", bound=Callable[..., Any])


def takes_files(most: int) -> Callable[[View], View]:
    """Let requests to the view carry files of at most so many bytes together, instead of a form only."""

    def mark(view: View) -> View:
        view.body_limit = most + FORM  # type: ignore[attr-defined]
        return view

    return mark


def body_limit(path: str) -> int:
    """The most bytes that a request to the path may carry; the HTTP server asks before it reads them."""
    try:
        view = resolve(path).func
    except Resolver404:
        view = None
    limit: int = getattr(view, "body_limit", settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    return limit
