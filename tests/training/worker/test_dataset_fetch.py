"""Before a run trains its dataset is fetched: its owner sees how far that is, and may change their mind."""

import pytest

from digits import datasets, library
from training.models import Request, Run, Status
from training.runs.run_context import run_context
from training.worker import actors, dataset_fetch

pytestmark = pytest.mark.django_db(transaction=True)
TOLD = "train-images-idx3-ubyte.gz: 8.1 of 26.4 MB"


@pytest.fixture
def fetching(monkeypatch):
    """A download of three looks; what is set as its `meanwhile` happens before the second, and `told` counts them."""

    class Download:
        told = 0

        @staticmethod
        def meanwhile() -> None:
            pass

        def __call__(self, key, tell):
            for look in range(3):
                if look == 1:
                    self.meanwhile()
                self.told += 1
                tell(TOLD, 30)
            return datasets.load(key)

    download = Download()
    monkeypatch.setattr(library, "fetch", download)
    monkeypatch.setattr(dataset_fetch, "INTERVAL", 0)
    monkeypatch.setattr(actors.notify, "send", lambda *_: None)
    yield download
    actors.stopping.clear()


def test_the_page_shows_how_far_it_is(run, owners, fetching):
    pages = []
    Run.objects.filter(pk=run.pk).update(estimated_seconds=5)
    fetching.meanwhile = lambda: pages.append(owners.get(run.get_absolute_url()).content.decode())
    actors.train(run.pk)
    [page] = pages
    assert f"fetching {run.dataset_title} · {TOLD}" in page
    assert "left</" not in page, "nobody knows"
    run.refresh_from_db()
    assert (run.status, run.doing) == (Status.FINISHED, "")
    lines = [line.text for line in run_context(run)["lines"]]
    assert lines[0] == f"Fetching {run.dataset_title}, which isn't on this machine yet."
    assert lines[1].startswith("Training from the start")


@pytest.mark.parametrize(
    ("asked", "status", "line"),
    [
        (Run.stop, Status.STOPPED, "Stopped before it trained."),
        (Run.pause, Status.PAUSED, "Paused while it waited in line."),
        (lambda run: actors.stopping.set(), Status.QUEUED, "In line again."),
    ],
)
def test_it_ends_as_soon_as_it_is_no_longer_wanted(run, fetching, asked, status, line):
    fetching.meanwhile = lambda: asked(Run.objects.get(pk=run.pk))
    actors.train(run.pk)
    run.refresh_from_db()
    assert (run.status, run.request, run.lease) == (status, Request.NONE, None)
    assert run.lines.last().text == line
    assert fetching.told == 2
    assert not run.points.exists()


def test_what_was_learnt_is_tested_before_it_is_kept(run, fetching):
    fetching.meanwhile = lambda: Run.objects.get(pk=run.pk).stop()
    Run.objects.filter(pk=run.pk).update(step=1, steps=100)
    actors.train(run.pk)
    run.refresh_from_db()
    assert run.status == Status.STOPPED
    assert run.test_accuracy is not None
    assert fetching.told == 3


def test_a_run_that_is_deleted_is_fetched_no_further(run, fetching):
    fetching.meanwhile = run.delete
    actors.train(run.pk)
    assert fetching.told == 2
    assert not Run.objects.exists()


def test_a_step_that_a_shutdown_interrupts_is_still_a_step(run, fetching):
    Run.objects.update(request=Request.BATCH)
    fetching.meanwhile = actors.stopping.set
    try:
        actors.train(run.pk)
    finally:
        actors.stopping.clear()
    left = Run.objects.get()
    assert (left.status, left.request) == (Status.QUEUED, Request.BATCH)


def test_a_paused_run_is_fetched_for_when_it_goes_on(run, fetching):
    fetching.meanwhile = lambda: Run.objects.get(pk=run.pk).pause()
    actors.train(run.pk)
    fetching.meanwhile = lambda: None
    Run.objects.get(pk=run.pk).resume()
    actors.train(run.pk)
    assert Run.objects.get().status == Status.FINISHED
