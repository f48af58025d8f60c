"""Who may see what, and who gets which run."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from training.ml.config.hyperparameters import Hyperparameters, InvalidHyperparameters
from training.models import Checkpoint, Experiment, Request, Run, Status


@pytest.mark.django_db
def test_people_see_their_own(run, owner, stranger):
    assert list(Run.objects.of(owner)) == [run]
    assert not Run.objects.of(stranger).exists()
    assert not Experiment.objects.of(stranger).exists()


@pytest.mark.django_db
def test_an_experiment_is_found_by_its_name_even_when_two_have_it(experiment, owner, stranger):
    assert Experiment.named("First steps", owner) == experiment
    Experiment.objects.create(owner=owner, name="First steps")
    assert Experiment.named("First steps", owner).owner == owner
    assert Experiment.named("First steps", stranger).owner == stranger


@pytest.mark.django_db(transaction=True)
def test_many_workers_never_get_the_same_run(make_run):
    for _ in range(8):
        make_run()
    claimed, lock = [], threading.Lock()

    def worker(name):
        while run := Run.objects.claim(name):
            with lock:
                claimed.append(run.pk)
        connection.close()

    threads = [threading.Thread(target=worker, args=(str(n),)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claimed) == sorted(Run.objects.values_list("pk", flat=True))
    assert not Run.objects.filter(status=Status.QUEUED).exists()


@pytest.mark.django_db
def test_a_wish_to_pause_can_be_withdrawn(make_run):
    run = make_run(status=Status.RUNNING)
    assert run.pause()
    assert run.resume()
    run.refresh_from_db()
    assert (run.status, run.request) == (Status.RUNNING, "")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("change", ["stop", "pause"])
def test_a_worker_that_takes_the_run_just_now_hears_of_the_wish(make_run, monkeypatch, change):
    run = make_run(status=Status.QUEUED, step=5)
    move = Run._move

    def claimed_meanwhile(self, **changes):
        moved = move(self, **changes)
        with ThreadPoolExecutor(1) as worker:
            worker.submit(Run.objects.claim, "worker").result()
            worker.submit(lambda: connection.close()).result()
        return moved

    monkeypatch.setattr(Run, "_move", claimed_meanwhile)
    assert getattr(run, change)()
    run.refresh_from_db()
    assert (run.status, run.request) in {(Status.QUEUED, Request.STOP), (Status.PAUSED, Request.NONE)}


@pytest.mark.django_db
def test_time_left_follows_the_measured_rate_once_there_is_one(make_run):
    run = make_run(Hyperparameters(), status=Status.RUNNING, estimated_seconds=20, step=0, steps=2000)
    assert run.seconds_left == 20
    run.step, run.seconds, run.start_seconds = 500, 12, 2
    assert run.seconds_left == pytest.approx(30, rel=0.1)
    run.step, run.seconds = 20, 3
    assert 20 < run.seconds_left < 99, "between what was foreseen and what one step says"


@pytest.mark.django_db
def test_only_a_paused_run_steps_and_rewinds(make_run):
    for status in set(Status) - {Status.PAUSED}:
        run = make_run(status=status)
        assert not run.train_batch()
        assert not run.rewind()
    run = make_run(status=Status.PAUSED)
    assert run.train_epoch()
    assert (run.status, run.request) == (Status.QUEUED, Request.EPOCH)
    assert run.pause()
    assert run.request == Request.NONE


@pytest.mark.django_db
def test_a_run_trains_on_only_from_a_checkpoint_and_within_the_limit(make_run):
    run = make_run(status=Status.FINISHED, epoch=2)
    assert not run.train_on(5), "there is nothing to go on from"
    Checkpoint.keep(run, 9, b"")
    with pytest.raises(InvalidHyperparameters, match="epochs"):
        run.train_on(999)
    assert run.train_on(5)
    assert (run.status, run.hyperparameters.epochs) == (Status.QUEUED, 7)
