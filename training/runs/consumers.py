"""WebSockets: renders each change in the database as HTML and sends it to the open pages.

No change is missed, because the order is: 1. Check the owner. 2. Join the group; from now on events wait in a queue.
3. Accept, and send the current state. 4. Send each event, those since step 2 first.
"""

import time
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.template.loader import render_to_string
from django.urls import path

from training.models import Run
from training.runs.run_context import run_context
from training.worker.notify import owner_group, run_group

# Seconds: while a run makes progress, its row in the list is sent no more often.
ROW_INTERVAL = 1.0


class RunConsumer(AsyncWebsocketConsumer):
    """One run's page: its state, its log and the points that the page does not have yet."""

    async def connect(self) -> None:
        self.user = self.scope["user"]
        self.run_id = self.scope["url_route"]["kwargs"]["run_id"]
        # `after` is the step of the last point that the page has; -1 where it has none.
        after = dict(p.partition(b"=")[::2] for p in self.scope["query_string"].split(b"&")).get(
            b"after", b""
        )
        self.after = int(after) if after.isdigit() else -1
        self.line = 0  # number of the last log line that was sent
        self.controls: str | None = None  # the controls that the page shows
        if not await self.allowed():
            await self.close(code=4404)
            return
        await self.channel_layer.group_add(run_group(self.run_id), self.channel_name)
        await self.accept()
        await self.run_changed({"progress": False})

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(run_group(self.run_id), self.channel_name)

    async def run_changed(self, event: dict[str, Any]) -> None:
        html = await self.render(whole=not event["progress"])
        if html is None:
            await self.close(code=4404)
            return
        await self.send(text_data=html)

    @database_sync_to_async
    def allowed(self) -> bool:
        return self.user.is_authenticated and Run.objects.of(self.user).filter(pk=self.run_id).exists()

    @database_sync_to_async
    def render(self, *, whole: bool) -> str | None:
        """The partials that changed, which htmx swaps by id; None when the run was deleted."""
        run = Run.objects.of(self.user).shown().filter(pk=self.run_id).first()
        if run is None:
            return None
        is_rewound = self.after >= 0 and not run.points.filter(step=self.after).exists()
        if is_rewound:
            self.after = -1
        context = run_context(run, self.after, 0 if whole else self.line) | {
            "whole": whole,
            "is_rewound": is_rewound,
            "new_actions": self.controls != run.controls,
        }
        self.controls = run.controls
        self.after = context["last_step"]
        self.line = max([self.line, *(line.pk for line in context["lines"])])
        return render_to_string("training/runs/_push.html", context)


class RunsConsumer(AsyncWebsocketConsumer):
    """The list of runs: sends the row of each run that changes."""

    async def connect(self) -> None:
        self.user = self.scope["user"]
        if not self.user.is_authenticated:
            await self.close(code=4403)
            return
        self.sent: dict[int, float] = {}
        await self.channel_layer.group_add(owner_group(self.user.pk), self.channel_name)
        await self.accept()
        for run_id in await self.active():
            await self.run_changed({"run": run_id, "progress": False})

    async def disconnect(self, code: int) -> None:
        if self.user.is_authenticated:
            await self.channel_layer.group_discard(owner_group(self.user.pk), self.channel_name)

    async def run_changed(self, event: dict[str, Any]) -> None:
        run_id, now = event["run"], time.monotonic()
        if event["progress"] and now - self.sent.get(run_id, 0) < ROW_INTERVAL:
            return
        self.sent[run_id] = now
        if html := await self.row(run_id):
            await self.send(text_data=html)

    @database_sync_to_async
    def active(self) -> list[int]:
        return list(Run.objects.of(self.user).active().values_list("pk", flat=True))

    @database_sync_to_async
    def row(self, run_id: int) -> str | None:
        run = Run.objects.of(self.user).listed().filter(pk=run_id).first()
        return render_to_string("training/runs/_run_row.html", {"run": run}) if run else None


urlpatterns = [
    path("ws/runs/", RunsConsumer.as_asgi()),
    path("ws/runs/<int:run_id>/", RunConsumer.as_asgi()),
]
