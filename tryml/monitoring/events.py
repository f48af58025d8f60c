"""Records what is worth an administrator's eye: who came, which runs ended how, which worker vanished."""

import logging
from typing import Any

from django.db import transaction

from tryml.monitoring.context import current
from tryml.monitoring.models import Event, Level

logger = logging.getLogger(__name__)


def record(
    kind: str, message: str, *, level: str = "info", user: object = None, run: object = None, **data: Any
) -> None:
    """Store an event; `user` and `run` are rows or their ids, by default those that are being worked on.

    `kind` is a phrase in small letters ("run failed"), `level` a name in `Level`, `data` what JSON can hold.
    Never raises: a caller doesn't fail because nobody could take note of it.
    """
    about = current()
    try:
        # A savepoint: what fails in here must not spoil a transaction of the caller's.
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
