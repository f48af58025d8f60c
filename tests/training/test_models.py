"""Who may see what, and who gets which run."""

import threading

import pytest
from django.db import connection

from training.models import Experiment, Run, Status


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
    assert (run.status, run.wish) == (Status.RUNNING, "")


@pytest.mark.django_db
def test_time_left_follows_the_measured_rate_once_there_is_one(make_run):
    run = make_run(status=Status.RUNNING, estimated_seconds=20, step=0, steps=100)
    assert run.seconds_left == 20
    run.step, run.seconds = 25, 10
    assert run.seconds_left == 30
