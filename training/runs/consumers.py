"""The WebSockets of pages on runs: who may open one, and which feed it follows."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any
from urllib.parse import parse_qs

from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest, parse_cookie
from django.urls import path

from training.models import Run
from training.runs.feeds import RunFeed, RunPosition, RunsFeed
from training.runs.live import GONE, Feed, Viewer, hub, in_thread
from training.worker.notify import owner_group, run_group
from tryml.numbers import whole

FORBIDDEN = 4403  # close code of a socket that only users may open


def visitor(scope: dict[str, Any]) -> int | None:
    """The id of the user whose session the socket's cookie names; None for nobody."""
    sent = dict(scope["headers"]).get(b"cookie", b"").decode("latin-1")
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(
        parse_cookie(sent).get(settings.SESSION_COOKIE_NAME)
    )
    return get_user(request).pk


class FeedConsumer(AsyncWebsocketConsumer):
    """A page that follows a feed."""

    channel_layer_alias = "none"  # events come through the hub's one subscription
    feed: Feed | None = None

    async def follow(self, group: str, make: Callable[[str], Feed], position: Any) -> None:
        await self.accept()
        self.viewer = Viewer(partial(self.send), self.close, position)
        self.feed = await hub().join(group, make, self.viewer)

    async def disconnect(self, code: int) -> None:
        if self.feed:
            hub().leave(self.feed, self.viewer)


class RunConsumer(FeedConsumer):
    """One run's page; `?after=` is the step of its last point."""

    async def connect(self) -> None:
        run_id = self.scope["url_route"]["kwargs"]["run_id"]
        owner = await in_thread(self._owner, run_id)
        if owner is None:
            await self.close(code=GONE)
            return
        sent = parse_qs(self.scope["query_string"].decode("latin-1")).get("after", [""])[0]
        step = whole(sent)
        position = RunPosition(-1 if step is None else step)
        await self.follow(run_group(run_id), partial(RunFeed, run_id=run_id, owner_id=owner), position)

    def _owner(self, run_id: int) -> int | None:
        """The id of the run's owner if that is who asks."""
        user = visitor(self.scope)
        is_own = user and Run.objects.filter(experiment__owner=user, pk=run_id).exists()
        return user if is_own else None


class RunsConsumer(FeedConsumer):
    """The list of one's runs."""

    async def connect(self) -> None:
        user = await in_thread(visitor, self.scope)
        if user is None:
            await self.close(code=FORBIDDEN)
            return
        await self.follow(owner_group(user), partial(RunsFeed, owner_id=user), False)


urlpatterns = [
    path("ws/runs/", RunsConsumer.as_asgi()),
    path("ws/runs/<int:run_id>/", RunConsumer.as_asgi()),
]
