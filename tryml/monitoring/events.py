"""Stores events for the administrator: who signed in, how runs ended, which worker vanished."""

import logging
from typing import Any

from django.db import transaction

from tryml.monitoring.context import current
from tryml.monitoring.models import Event, Level

logger = logging.getLogger(__name__)


def record(
    kind: str, message: str, *, level: str = "info", user: object = None, run: object = None, **data: Any
) -> None:
    """Store an event; `user` and `run` are rows or their ids, by default those of `context.current`.

    `kind` is a phrase in small letters ("run failed"), `level` a name in `Level` in small letters, and the
    values of `data` must fit JSON. Never raises: an event that can't be stored is logged as an error.
    """
    about = current()
    try:
        # A savepoint: a failure here must not abort the caller's transaction.
        with transaction.atomic():
            Event.objects.create(
                kind=kind,
                message=message,
                level=Level[level.upper()],
                user_id=getattr(user, "pk", user) or about.user,
                run=getattr(run, "pk", run) or about.run,
                data=data,
            )
    except Exception:
        logger.exception("An event could not be stored: %s: %s", kind, message)
