"""How often one address may do a thing within a minute."""

import hashlib
from time import time

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.db import DatabaseError
from django.http import HttpRequest

from tryml.http.customer import customer

MINUTE = 60  # seconds


def within(request: HttpRequest, thing: str, most: int) -> bool:
    """Count that the request's address does the thing; whether that makes at most so many times in this minute.

    Where the count is lost, or can't be kept, it is taken for none.
    """
    text = f"{customer(get_adapter(request).get_client_ip(request))} {thing}"
    key = f"rate-{hashlib.sha256(text.encode()).hexdigest()[:32]}-{int(time()) // MINUTE}"
    try:
        return cache.add(key, 1, 2 * MINUTE) or cache.incr(key) <= most
    except (ValueError, DatabaseError):
        return True
