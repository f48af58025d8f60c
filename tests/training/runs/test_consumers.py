"""WebSockets through the real channel layer: what a page is told, and when."""

import re

import pytest
from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator

from training.models import Point, Run, Status
from training.runs.consumers import RunConsumer, RunsConsumer
from training.worker import notify

pytestmark = pytest.mark.django_db(transaction=True)


def socket(run, user, query=""):
    made = WebsocketCommunicator(RunConsumer.as_asgi(), f"/ws/runs/{run.pk}/?{query}")
    made.scope |= {"user": user, "url_route": {"args": (), "kwargs": {"run_id": run.pk}}}
    return made


def steps(html: str) -> list[int]:
    return [int(step) for step in re.findall(r"step&quot;: (\d+)", html)]


@database_sync_to_async
def add_point(run, step):
    Point.objects.create(run=run, step=step, epoch=step / 10, train_loss=1, train_accuracy=0.5, seconds=1)
    Run.objects.filter(pk=run.pk).update(step=step, steps=20, status=Status.RUNNING)
    notify.changed(run, progress=True)


async def test_a_page_gets_the_points_that_it_lacks_and_each_once(run, owner):
    await add_point(run, 0)
    await add_point(run, 5)
    page = socket(run, owner, "after=0")
    assert (await page.connect())[0]
    assert steps(await page.receive_from()) == [5]
    await add_point(run, 10)
    assert steps(await page.receive_from()) == [10]
    await page.disconnect()


async def test_a_page_that_connects_again_has_no_gap(run, owner):
    page = socket(run, owner)
    await page.connect()
    await page.receive_from()
    await page.disconnect()
    await add_point(run, 0)
    await add_point(run, 5)
    again = socket(run, owner)
    await again.connect()
    assert steps(await again.receive_from()) == [0, 5]
    await again.disconnect()


async def test_two_pages_stay_in_step(run, owner):
    pages = [socket(run, owner), socket(run, owner)]
    for page in pages:
        await page.connect()
        await page.receive_from()
    await add_point(run, 5)
    for page in pages:
        assert "25 %" in await page.receive_from()
        await page.disconnect()


async def test_the_list_gets_the_row_of_a_run_that_changed(run, owner):
    page = WebsocketCommunicator(RunsConsumer.as_asgi(), "/ws/runs/")
    page.scope |= {"user": owner}
    await page.connect()
    assert f'id="run-{run.pk}"' in await page.receive_from()
    await database_sync_to_async(run.pause)()
    await database_sync_to_async(notify.changed)(run)
    assert "paused" in await page.receive_from()
    await page.disconnect()


async def test_a_deleted_run_closes_its_page(run, owner):
    page = socket(run, owner)
    await page.connect()
    await page.receive_from()
    pk = run.pk
    await database_sync_to_async(run.delete)()
    run.pk = pk
    await database_sync_to_async(notify.changed)(run)
    assert (await page.receive_output())["type"] == "websocket.close"
