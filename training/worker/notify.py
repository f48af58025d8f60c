"""Tells open pages that a run has changed. The message carries no state: pages read it from the database."""

import asyncio
import logging
import threading
from functools import cache
from typing import Any

from channels.layers import get_channel_layer
from redis.exceptions import RedisError

from training.models import Run, Status

logger = logging.getLogger(__name__)


def run_group(run_id: int) -> str:
    return f"run.{run_id}"


def owner_group(user_id: int) -> str:
    return f"owner.{user_id}"


def changed(run: Run, *, progress: bool = False) -> None:
    """Tell the pages that show `run`. `progress` means that only its numbers changed, not its status.

    Call it after the change is committed. Without Redis the message is lost, and pages find out by themselves some
    seconds later (see training.runs.live).
    """
    message = {"type": "run.changed", "run": run.pk, "progress": progress}
    for group in (run_group(run.pk), owner_group(run.experiment.owner_id)):
        send(group, message | {"group": group})


def line_moved() -> None:
    """Tell the pages of the first 100 queued runs that their places in the queue have changed."""
    for run in (
        Run.objects.filter(status=Status.QUEUED).select_related("experiment").order_by("queued_at")[:100]
    ):
        changed(run)


def send(group: str, message: dict[str, Any]) -> None:
    """Send a message to a channel group without waiting, so that a training is not delayed."""
    asyncio.run_coroutine_threadsafe(_send(group, message), _loop())


async def _send(group: str, message: dict[str, Any]) -> None:
    try:
        await get_channel_layer().group_send(group, message)
    except (OSError, RedisError) as error:
        logger.warning("Nobody was told of %s: %s", message, error)


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """The process's event loop for messages, in its own thread, so that the connection to Redis stays open."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="events", daemon=True).start()
    return loop
