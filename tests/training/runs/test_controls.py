"""What an owner does to a run from its page, as the server answers it."""

from dataclasses import replace

import pytest
from django.urls import reverse

from tests.conftest import QUICK
from tests.quotas import limit
from training.ml.engines import ENGINES
from training.models import Checkpoint, Request, Run, Status

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_redis(monkeypatch):
    """Messages and events have tests of their own."""
    from training.runs import controls

    monkeypatch.setattr(controls, "enqueue", lambda run: None)
    monkeypatch.setattr(controls.notify, "changed", lambda run, progress=False: None)
    monkeypatch.setattr(controls.notify, "line_moved", lambda: None)


def post(client, name, run, **data):
    return client.post(reverse(f"training:{name}", args=[run.pk]), data, headers={"HX-Request": "true"})


def test_a_paused_run_offers_steps_and_a_running_one_doesn_t(owners, make_run):
    paused = owners.get(make_run(status=Status.PAUSED, step=3, steps=9).get_absolute_url()).content.decode()
    running = owners.get(make_run(status=Status.RUNNING, step=3, steps=9).get_absolute_url()).content.decode()
    for words in ("One batch", "One epoch", "Rewind", "Resume"):
        assert words in paused
        assert words not in running
    assert "Learning rate" in paused
    assert "Learning rate" in running


@pytest.mark.parametrize(("name", "asked"), [("step_batch", Request.BATCH), ("step_epoch", Request.EPOCH)])
def test_a_step_puts_a_paused_run_in_line(owners, make_run, name, asked):
    run = make_run(status=Status.PAUSED)
    assert post(owners, name, run).status_code == 200
    run.refresh_from_db()
    assert (run.status, run.request) == (Status.QUEUED, asked)


def test_another_learning_rate_is_asked_for_or_refused_with_its_limit(owners, make_run):
    run = make_run(status=Status.RUNNING)
    assert b"at most 10" in post(owners, "rate", run, learning_rate="11").content
    assert b"Enter a number" in post(owners, "rate", run, learning_rate="fast").content
    run.refresh_from_db()
    assert run.requested_rate is None
    assert b"0.02" in post(owners, "rate", run, learning_rate="0.02").content
    run.refresh_from_db()
    assert run.requested_rate == 0.02


def test_an_ended_run_trains_on_within_the_limit_of_epochs(owners, make_run):
    run = make_run(status=Status.FINISHED, epoch=2, step=18, steps=18)
    Checkpoint.keep(run, 18, b"")
    assert b"less than or equal to 1000" in post(owners, "train_on", run, epochs="2000").content
    assert b"epochs in all" in post(owners, "train_on", run, epochs="999").content
    assert post(owners, "train_on", run, epochs="10").status_code == 200
    run.refresh_from_db()
    assert (run.status, run.hyperparameters.epochs) == (Status.QUEUED, 12)


def test_an_ended_run_trains_on_within_the_quota_of_time(owners, make_run, settings):
    run = make_run(status=Status.FINISHED, epoch=2, step=18, steps=18, seconds=20)
    Checkpoint.keep(run, 18, b"")
    limit(settings, seconds=60)
    assert b"about 1 min 10 s, and a run may take 1 min" in post(owners, "train_on", run, epochs="5").content
    run.refresh_from_db()
    assert run.status == Status.FINISHED
    post(owners, "train_on", run, epochs="4")
    run.refresh_from_db()
    assert run.status == Status.QUEUED


def test_rewinding_forgets_the_curves(owners, make_run):
    run = make_run(status=Status.PAUSED, step=9, steps=18)
    post(owners, "rewind", run)
    run.refresh_from_db()
    assert run.step == 0


def test_the_same_again_opens_a_new_run(owners, make_run):
    run = make_run(status=Status.FINISHED)
    response = post(owners, "again", run)
    new = Run.objects.exclude(pk=run.pk).get()
    assert response.headers["HX-Redirect"] == new.get_absolute_url()


def test_an_engine_that_can_t_is_refused(owners, make_run, monkeypatch):
    run = make_run(replace(QUICK, epochs=1), status=Status.FINISHED)
    assert post(owners, "again", run, engine="abacus").status_code == 400
    monkeypatch.setattr(type(ENGINES["numpy"]), "problems", lambda self, h: {"epochs": "It never ends."})
    assert post(owners, "again", run, engine="numpy").status_code == 400
    assert Run.objects.count() == 1


def test_nobody_fills_the_line_with_repetitions(owners, make_run, settings):
    limit(settings, waiting=1)
    run = make_run(status=Status.FINISHED)
    make_run(status=Status.QUEUED)
    assert b"no more than 1 may be" in post(owners, "again", run).content
