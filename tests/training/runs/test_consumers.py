"""WebSockets through the real channel layer: what a page is told, and when."""

import asyncio
import re
from urllib.parse import quote

import pytest
from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.db import OperationalError
from django.template.loader import render_to_string

from training.models import Point, Run, Status
from training.runs import feeds, live
from training.runs.consumers import RunConsumer, RunsConsumer
from training.worker import notify

pytestmark = pytest.mark.django_db(transaction=True)


def socket(made, client):
    """Let the socket carry the session of the client."""
    session = client.cookies.get(settings.SESSION_COOKIE_NAME)
    made.scope["headers"] = (
        [(b"cookie", f"{settings.SESSION_COOKIE_NAME}={session.value}".encode())] if session else []
    )
    return made


def run_page(run, client, query=""):
    made = WebsocketCommunicator(RunConsumer.as_asgi(), f"/ws/runs/{run.pk}/?{query}")
    made.scope["url_route"] = {"args": (), "kwargs": {"run_id": run.pk}}
    return socket(made, client)


def list_page(client):
    return socket(WebsocketCommunicator(RunsConsumer.as_asgi(), "/ws/runs/"), client)


def steps(html: str) -> list[int]:
    return [int(step) for step in re.findall(r"step&quot;: (\d+)", html)]


@database_sync_to_async
def add_point(run, step, tell=True):
    Point.objects.create(run=run, step=step, epoch=step / 10, train_loss=1, train_accuracy=0.5, seconds=1)
    Run.objects.filter(pk=run.pk).update(step=step, steps=20, status=Status.RUNNING)
    if tell:
        notify.changed(run, progress=True)


@pytest.fixture
def renderings(monkeypatch):
    """The names of the templates that feeds have rendered."""
    seen = []

    def rendered(name, context):
        seen.append(name)
        return render_to_string(name, context)

    monkeypatch.setattr(feeds, "render_to_string", rendered)
    return seen


async def test_a_page_gets_the_points_that_it_lacks_and_each_once(run, owners):
    await add_point(run, 0)
    await add_point(run, 5)
    page = run_page(run, owners, "after=0")
    assert (await page.connect())[0]
    assert steps(await page.receive_from()) == [5]
    await add_point(run, 10)
    assert steps(await page.receive_from()) == [10]
    await page.disconnect()


async def test_a_page_that_connects_again_has_no_gap(run, owners):
    page = run_page(run, owners)
    await page.connect()
    await page.receive_from()
    await page.disconnect()
    await add_point(run, 0)
    await add_point(run, 5)
    again = run_page(run, owners)
    await again.connect()
    assert steps(await again.receive_from()) == [0, 5]
    await again.disconnect()


@pytest.mark.parametrize("sent", ["", "²", "-1", "1e3", "9" * 5000, "%00", "٣"])
async def test_what_is_no_step_stands_for_none(run, owners, sent):
    await add_point(run, 0)
    page = run_page(run, owners, f"after={quote(sent, safe='%')}")
    assert (await page.connect())[0]
    assert steps(await page.receive_from()) == [0]
    await page.disconnect()


async def test_many_pages_of_a_run_share_one_rendering(run, owners, renderings):
    pages = [run_page(run, owners) for _ in range(5)]
    for page in pages:
        await page.connect()
        await page.receive_from()
    renderings.clear()
    await add_point(run, 5)
    for page in pages:
        assert "25 %" in await page.receive_from()
    assert renderings == ["training/runs/_push.html"]
    for page in pages:
        await page.disconnect()


async def test_pages_with_different_points_each_get_what_they_lack(run, owners):
    for step in (0, 5):
        await add_point(run, step)
    pages = {query: run_page(run, owners, query) for query in ("", "after=0", "after=5")}
    got = {}
    for query, page in pages.items():
        await page.connect()
        got[query] = steps(await page.receive_from())
    assert got == {"": [0, 5], "after=0": [5], "after=5": []}
    await add_point(run, 10)
    for page in pages.values():
        assert steps(await page.receive_from()) == [10]
        await page.disconnect()


async def test_without_events_a_page_finds_out_by_itself(run, owners, monkeypatch):
    monkeypatch.setattr(live, "POLL", 0.2)
    page = run_page(run, owners)
    await page.connect()
    await page.receive_from()
    await add_point(run, 5, tell=False)
    assert steps(await page.receive_from(5)) == [5]
    await database_sync_to_async(run.pause)()
    assert "pausing" in (await page.receive_from(5)).lower()
    await page.disconnect()


async def test_a_page_hears_that_the_line_is_alive(run, owners, monkeypatch):
    monkeypatch.setattr(live, "POLL", 0.1)
    monkeypatch.setattr(live, "BEAT", 0.3)
    page = run_page(run, owners)
    await page.connect()
    await page.receive_from()
    for _ in range(3):
        assert await page.receive_from(5) == live.BEAT_MESSAGE
    await page.disconnect()


async def test_nobody_watches_the_run_of_another_or_without_a_session(run, client, strangers):
    for other in (client, strangers):
        page = run_page(run, other)
        accepted, code = await page.connect()
        assert (accepted, code) == (False, live.GONE)
    accepted, code = await list_page(client).connect()
    assert (accepted, code) == (False, 4403)


async def test_a_feed_ends_with_its_last_page(run, owners):
    page = run_page(run, owners)
    await page.connect()
    await page.receive_from()
    (feed,) = live.hub().feeds.values()
    await page.disconnect()
    await asyncio.wait_for(feed.task, 5)
    await asyncio.sleep(0)
    assert not live.hub().feeds


async def test_a_database_that_is_away_for_a_moment_closes_nothing(run, owners, monkeypatch):
    monkeypatch.setattr(live, "POLL", 0.1)
    page = run_page(run, owners)
    await page.connect()
    await page.receive_from()
    render, failures = feeds.RunFeed.render, []

    def failing(self, positions):
        if len(failures) < 3:
            failures.append(positions)
            raise OperationalError("away")
        return render(self, positions)

    monkeypatch.setattr(feeds.RunFeed, "render", failing)
    await add_point(run, 5)
    assert steps(await page.receive_from(5)) == [5]
    assert failures
    await page.disconnect()


async def test_the_list_gets_the_row_of_a_run_that_changed(run, owners):
    page = list_page(owners)
    await page.connect()
    assert f'id="run-{run.pk}"' in await page.receive_from()
    await database_sync_to_async(run.pause)()
    await database_sync_to_async(notify.changed)(run)
    assert "paused" in await page.receive_from(5)
    await page.disconnect()


async def test_lists_share_their_rows_too(run, owners, renderings):
    pages = [list_page(owners) for _ in range(5)]
    for page in pages:
        await page.connect()
        await page.receive_from(5)
    renderings.clear()
    await add_point(run, 5)
    for page in pages:
        assert "25 %" in await page.receive_from(5)
        await page.disconnect()
    assert renderings == ["training/runs/_run_row.html"]


async def test_a_deleted_run_closes_its_page(run, owners):
    page = run_page(run, owners)
    await page.connect()
    await page.receive_from()
    pk = run.pk
    await database_sync_to_async(run.delete)()
    run.pk = pk
    await database_sync_to_async(notify.changed)(run)
    assert await page.receive_output() == {"type": "websocket.close", "code": live.GONE}
