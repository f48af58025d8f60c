"""Open pages that follow a run or a list of runs: what changes is read and rendered once for all who watch it.

A process has one subscription to Redis and, for each run or list that is watched, one feed. An event only says that
something changed; the database says what. Without Redis a feed finds out by itself within POLL seconds.
"""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Collection, Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from time import monotonic
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from channels.layers import get_channel_layer
from django.db import DatabaseError, connections
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

POLL = 5.0  # seconds after which a feed that heard of nothing looks for itself
BEAT = 15.0  # seconds after which a page hears that the line is alive; static/js/page/live.js knows it too
BEAT_MESSAGE = "<!-- beat -->"
GONE = 4404  # close code of a socket whose subject is no longer there
THREADS = 4
Result = TypeVar("Result")

_pool = ThreadPoolExecutor(THREADS, "live")


async def in_thread(work: Callable[..., Result], *arguments: Any) -> Result:
    """Do work that asks the database, beside the event loop and beside the requests for pages."""

    def done() -> Result:
        try:
            return work(*arguments)
        finally:
            connections.close_all()  # gives the connection back to the pool

    return await asyncio.get_running_loop().run_in_executor(_pool, done)


@dataclass(eq=False)
class Viewer:
    """An open page: how to reach it, and what it has got so far."""

    send: Callable[[str], Awaitable[None]]
    close: Callable[[int], Awaitable[None]]
    position: Hashable
    heard_at: float = field(default_factory=monotonic)


class Feed(ABC):
    """Keeps the pages that watch one thing up to date, at most once in `interval` seconds."""

    interval = 0.1  # seconds

    def __init__(self, group: str) -> None:
        self.group = group
        self.viewers: set[Viewer] = set()
        self.task: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()

    @abstractmethod
    def hear(self, event: dict[str, Any] | None) -> None:
        """Take note of an event; None says that some may have been missed."""

    @abstractmethod
    def render(self, positions: Collection[Any]) -> dict[Any, tuple[str, Any]] | None:
        """For pages at these positions: the HTML that brings each up to date, and the position it has then.

        Empty HTML says that nothing changed for it. None says that the subject is gone. Called in a thread.
        """

    def wake(self) -> None:
        """Look at the database soon."""
        self._changed.set()

    async def run(self) -> None:
        """Look at the database whenever something changed, for as long as somebody watches."""
        while self.viewers:
            try:
                await asyncio.wait_for(self._changed.wait(), POLL)
            except TimeoutError:
                self.hear(None)
            self._changed.clear()
            await self._tick()
            await asyncio.sleep(self.interval)

    async def _tick(self) -> None:
        viewers = list(self.viewers)
        try:
            answers = await in_thread(self.render, {viewer.position for viewer in viewers})
        except DatabaseError as error:
            logger.warning("%s can't be read just now: %s", self.group, error)
            answers = {}
            self.hear(None)
        now = monotonic()
        for viewer in viewers:
            if answers is None:
                self.viewers.discard(viewer)
                await viewer.close(GONE)
                continue
            html, viewer.position = answers.get(viewer.position, ("", viewer.position))
            if not html and now - viewer.heard_at >= BEAT - POLL / 2:
                html = BEAT_MESSAGE
            if html:
                viewer.heard_at = now
                await viewer.send(html)


class Hub:
    """The feeds of this process, and its subscription to their events."""

    def __init__(self) -> None:
        self.feeds: dict[str, Feed] = {}
        self._channel = ""
        self._listener: asyncio.Task[None] | None = None

    async def join(self, group: str, make: Callable[[str], Feed], viewer: Viewer) -> Feed:
        """Let the viewer watch; `make` makes the group's feed where nobody watches it yet.

        Nothing is missed between the page's own request and the first event:
        1. the feed is subscribed before the viewer is added;
        2. the first look at the database comes after that.
        """
        feed = self.feeds.get(group)
        if feed is None:
            feed = self.feeds[group] = make(group)
            await self._subscribe(group)
        feed.viewers.add(viewer)
        feed.wake()
        if feed.task is None:
            self._start(feed)
        return feed

    def _start(self, feed: Feed) -> None:
        feed.task = asyncio.create_task(feed.run())
        feed.task.add_done_callback(partial(self._ended, feed))

    def leave(self, feed: Feed, viewer: Viewer) -> None:
        """Let the viewer watch no longer; without any, the feed ends."""
        feed.viewers.discard(viewer)
        if not feed.viewers:
            feed.wake()

    def _ended(self, feed: Feed, task: asyncio.Task[None]) -> None:
        if feed.viewers and not task.cancelled():  # it failed, or a viewer came at the last moment: go on
            if error := task.exception():
                logger.error("The feed %s failed.", feed.group, exc_info=error)
            self._start(feed)
        elif self.feeds.get(feed.group) is feed:
            del self.feeds[feed.group]
            self._unsubscribing = asyncio.create_task(self._unsubscribe(feed.group))

    async def _subscribe(self, group: str) -> None:
        layer = get_channel_layer()
        try:
            if not self._channel:
                self._channel = await layer.new_channel("live.")
                self._listener = asyncio.create_task(self._listen(self._channel))
            await layer.group_add(group, self._channel)
        except (OSError, RedisError) as error:
            logger.warning("No news of %s from Redis, it is looked at every %g s: %s", group, POLL, error)

    async def _unsubscribe(self, group: str) -> None:
        if group in self.feeds:  # watched again meanwhile
            return
        try:
            await get_channel_layer().group_discard(group, self._channel)
        except (OSError, RedisError) as error:
            logger.warning("Still subscribed to %s: %s", group, error)

    async def _listen(self, channel: str) -> None:
        layer = get_channel_layer()
        while True:
            event = await layer.receive(channel)
            if feed := self.feeds.get(event["group"]):
                feed.hear(event)
                feed.wake()


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    """The hub of this event loop: of this process, but in tests."""
    return _hubs.setdefault(asyncio.get_running_loop(), Hub())
