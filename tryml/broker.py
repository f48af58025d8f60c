"""The queue between the web process and the workers: dramatiq over Redis."""

from typing import Any

import dramatiq
from django.conf import settings
from django.db import close_old_connections
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import AgeLimit, Middleware, Retries, ShutdownNotifications, TimeLimit


class FreshConnections(Middleware):
    """Closes old and broken database connections around each message, as Django does around each request."""

    def before_process_message(self, broker: dramatiq.Broker, message: Any) -> None:
        close_old_connections()

    def after_process_message(
        self, broker: dramatiq.Broker, message: Any, *, result: Any = None, exception: Any = None
    ) -> None:
        close_old_connections()


def connect() -> None:
    """Make the Redis of the settings the broker of every actor declared from now on."""
    broker = RedisBroker(  # type: ignore[no-untyped-call]
        url=settings.REDIS_URL,
        middleware=[AgeLimit(), TimeLimit(), ShutdownNotifications(), Retries(), FreshConnections()],
        # Milliseconds after which a dead worker's messages are delivered again. By then another worker has
        # long taken over its run: see RUN_LEASE.
        heartbeat_timeout=60_000,
    )
    dramatiq.set_broker(broker)
