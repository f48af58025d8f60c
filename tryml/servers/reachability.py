"""Says in one line why the PostgreSQL of DATABASE_URL or the Redis of REDIS_URL can't be reached.

The line never holds the password.
"""

import psycopg
from django.conf import settings
from django.db import connection

from tryml.processes.process import StartError

TIMEOUT = 5  # seconds


def check_postgres() -> None:
    """Raise StartError where the database of the settings can't be connected to."""
    parameters = {**connection.get_connection_params(), "connect_timeout": TIMEOUT}
    try:
        # Not through the pool: it tries again until its timeout, and then reports only the timeout.
        psycopg.connect(**parameters).close()
    except psycopg.Error as error:
        raise StartError(f"PostgreSQL can't be reached (DATABASE_URL): {first_line(error)}") from None


def check_redis() -> None:
    """Raise StartError where the Redis of the settings doesn't answer."""
    # Here because it is slow to import and the embedded Redis does without it.
    import redis

    try:
        client = redis.Redis.from_url(
            settings.REDIS_URL, socket_connect_timeout=TIMEOUT, socket_timeout=TIMEOUT
        )
    except ValueError:
        # The error's text may hold a part of the URL, and so the password.
        raise StartError(
            "REDIS_URL is not of the form redis://user:password@host:port/0, rediss://… or unix:///path."
        ) from None
    try:
        client.ping()
    except redis.RedisError as error:
        raise StartError(f"Redis can't be reached (REDIS_URL): {first_line(error)}") from None
    finally:
        client.close()


def first_line(error: Exception) -> str:
    """Return the first line of the error's text, or its type's name where the text is empty."""
    return (str(error).splitlines() or [type(error).__name__])[0]
