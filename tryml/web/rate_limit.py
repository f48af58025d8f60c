"""Limits how often one address may do a thing per minute."""

import hashlib
from time import time

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.db import DatabaseError
from django.http import HttpRequest

from tryml.http.customer import customer

MINUTE = 60  # seconds


def within(request: HttpRequest, thing: str, most: int) -> bool:
    """Count `thing` once more for the request's address; return whether this minute's count is at most `most`.

    Where the count is lost or can't be stored, return True.
    """
    return _count(f"{customer(get_adapter(request).get_client_ip(request))} {thing}", most)


def within_all(thing: str, most: int) -> bool:
    """As `within`, for all addresses together."""
    return _count(f"all {thing}", most)


def _count(text: str, most: int) -> bool:
    key = f"rate-{hashlib.sha256(text.encode()).hexdigest()[:32]}-{int(time()) // MINUTE}"
    try:
        return cache.add(key, 1, 2 * MINUTE) or cache.incr(key) <= most
    except (ValueError, DatabaseError):
        # ValueError: 1. `add` finds a count. 2. The cache evicts it. 3. `incr` finds none.
        return True
