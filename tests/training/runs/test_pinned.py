"""A run reads the drawing that was pinned when it was started, at its start and after each epoch."""

import numpy as np
import pytest
from django.urls import reverse

from digits import datasets
from digits.models import PinnedDrawing
from tests.conftest import QUICK
from training.ml import formats, nn
from training.models import Checkpoint, Run
from training.runs.run_context import run_context
from training.worker import actors
from training.worker.submission import Submission, create

SEVEN = [[[0.25, 0.2], [0.75, 0.2], [0.4, 0.8]]]


@pytest.fixture
def pinned(owner):
    return PinnedDrawing.objects.pin(owner, SEVEN)


@pytest.fixture
def started(experiment, pinned, monkeypatch):
    monkeypatch.setattr(actors.notify, "changed", lambda run, progress=False: None)
    monkeypatch.setattr(actors.notify, "line_moved", lambda: None)
    return start(experiment)


def start(experiment):
    key = datasets.load().name
    wanted = Submission(
        owner=experiment.owner, experiment=experiment, hyperparameters=QUICK, engine="numpy", dataset=key
    )
    return create(wanted)


def readings(run):
    return {
        point["epoch"]: point["pinned"] for point in run_context(run)["points"] if point["pinned"] is not None
    }


def test_a_run_takes_a_copy_along(experiment, started, pinned, owner):
    PinnedDrawing.objects.pin(owner, [[[0.5, 0.5]]])
    assert bytes(Run.objects.get(pk=started.pk).pinned) == bytes(pinned.pixels)
    PinnedDrawing.objects.all().delete()
    assert start(experiment).pinned is None


@pytest.mark.django_db(transaction=True)
def test_it_is_read_before_the_training_and_after_each_epoch(started, pinned):
    actors.train(started.pk)
    run = Run.objects.get(pk=started.pk)
    read = readings(run)
    assert list(read) == [0, 1, 2]
    image = np.frombuffer(pinned.pixels, np.uint8).reshape(1, 784)
    assert read[2] == pytest.approx(formats.load(bytes(run.network.data)).predict(image)[0], abs=1e-4)
    assert all(sum(probabilities) == pytest.approx(1, abs=1e-3) for probabilities in read.values())


@pytest.mark.django_db(transaction=True)
def test_an_epoch_is_written_once_however_often_it_is_trained(started):
    actors.train(started.pk)
    before = readings(started)
    # As after a crash: the epochs are trained again from the start, and read again.
    Checkpoint.objects.all().delete()
    Run.objects.filter(pk=started.pk).update(status="queued", step=0)
    actors.train(started.pk)
    assert readings(started) == before


@pytest.mark.django_db(transaction=True)
def test_more_epochs_are_read_too_and_a_rewound_run_forgets(started):
    actors.train(started.pk)
    run = Run.objects.get(pk=started.pk)
    assert run.train_on(1)
    actors.train(started.pk)
    assert list(readings(run)) == [0, 1, 2, 3]
    Run.objects.filter(pk=run.pk).update(status="paused")
    assert Run.objects.get(pk=run.pk).rewind()
    assert readings(run) == {}


@pytest.mark.django_db(transaction=True)
def test_what_is_no_number_is_no_reading(started, monkeypatch):
    monkeypatch.setattr(nn.Network, "predict", lambda self, images: np.full((1, 10), np.nan))
    actors.train(started.pk)
    assert Run.objects.get(pk=started.pk).status == "finished"
    assert readings(started) == {}


def test_the_page_shows_it_only_where_there_is_one(owners, run, started):
    assert b"data-pinned" not in owners.get(reverse("training:run", args=[run.pk])).content
    assert b"data-pinned" in owners.get(reverse("training:run", args=[started.pk])).content
