"""The recorder writes beside the training, and raises what went wrong."""

import threading
from itertools import chain

import pytest

from digits import datasets
from training.ml.engines import ENGINES, split
from training.models import LeaseLost, Run
from training.worker import recorder
from training.worker.recorder import Recorder


@pytest.fixture
def progresses(run):
    hyperparameters = run.hyperparameters
    parts = split(datasets.load(run.dataset).train, hyperparameters)
    return ENGINES["numpy"].fit(hyperparameters, *parts, interval=0)


@pytest.mark.django_db(transaction=True)
def test_a_training_goes_on_while_a_write_takes_long(run, progresses, monkeypatch):
    claimed = Run.objects.claim("worker")
    go_on, keep, writes = threading.Event(), recorder.keep, []

    def slow(run, progress, points, checkpoint, best):
        go_on.wait(10)
        writes.append([point.step for point in points])
        keep(run, progress, points, checkpoint, best)

    monkeypatch.setattr(recorder, "keep", slow)
    monkeypatch.setattr(recorder, "INTERVAL", 0)
    steps = []
    with Recorder(claimed) as writer:
        for progress in progresses:
            steps += [point.step for point in progress.points]
            writer.add(progress)
        assert writes == [], "the first write still goes on"
        go_on.set()
        writer.finish(progress)
        writer.settle()
    assert len(writes) == 2, "all that came meanwhile is written at once"
    assert list(chain(*writes)) == steps == list(run.points.values_list("step", flat=True))
    assert run.checkpoint.step == progress.step


@pytest.mark.django_db(transaction=True)
def test_what_a_write_raised_reaches_the_training(run, progresses, monkeypatch):
    claimed = Run.objects.claim("worker")
    Run.objects.update(lease=None)
    with Recorder(claimed) as writer:
        writer.add(next(progresses))
        with pytest.raises(LeaseLost):
            writer.settle()


@pytest.mark.django_db(transaction=True)
def test_a_run_names_the_gpu_that_it_trains_on(run, progresses, monkeypatch):
    monkeypatch.setattr("training.ml.engines.trainers.numpy_trainer.NumpyTrainer.device", "NVIDIA H200")
    claimed = Run.objects.claim("worker")
    with Recorder(claimed) as writer:
        writer.add(next(progresses))
        writer.settle()
    assert Run.objects.get().device == claimed.device == "NVIDIA H200"
