import pytest

from training.estimates import speed as estimates
from training.estimates.estimate import estimate
from training.ml.config.hyperparameters import Hyperparameters
from training.ml.config.templates import dense
from training.ml.resources import time
from training.models import Speed, Status

pytestmark = pytest.mark.django_db


def test_more_work_takes_longer():
    small, wide, long = (
        estimate(Hyperparameters(**changes), 60_000).seconds
        for changes in ({}, {"layers": dense(512, 512)}, {"epochs": 10})
    )
    assert wide > small
    assert long == pytest.approx(2 * small)


def test_a_subset_counts_as_far_as_there_are_images():
    some = estimate(Hyperparameters(training_images=1000), 60_000).seconds
    assert some < estimate(Hyperparameters(), 60_000).seconds
    assert estimate(Hyperparameters(training_images=60_000), 1500).seconds == pytest.approx(
        estimate(Hyperparameters(), 1500).seconds
    )
    rare = estimate(Hyperparameters(class_balance="long_tail"), 60_000).seconds
    assert rare < estimate(Hyperparameters(class_balance="balanced"), 60_000).seconds / 2


def test_what_ended_runs_took_is_learnt_from(make_run):
    before = estimate(Hyperparameters(), 60_000).seconds
    for _ in range(5):
        run = make_run(
            Hyperparameters(),
            status=Status.FINISHED,
            machine=estimates.machine(),
            attempts=1,
            step=2110,
            steps=2110,
            seconds=3 * before,
        )
    estimates.learn(run)
    assert Speed.objects.get(engine="numpy").trainings == 5
    assert estimate(Hyperparameters(), 60_000).seconds == pytest.approx(3 * before, rel=0.2)


def test_other_machines_and_interrupted_runs_teach_nothing(make_run):
    before = estimate(Hyperparameters(), 60_000).seconds
    known = {"status": Status.FINISHED, "step": 2110, "steps": 2110, "seconds": 9 * before}
    make_run(Hyperparameters(), machine="elsewhere", attempts=1, **known)
    estimates.learn(make_run(Hyperparameters(), machine=estimates.machine(), attempts=2, **known))
    assert estimate(Hyperparameters(), 60_000).seconds == pytest.approx(before)


def test_runs_on_another_device_teach_nothing(make_run):
    before = estimate(Hyperparameters(), 60_000).seconds
    known = {
        "status": Status.FINISHED,
        "step": 2110,
        "steps": 2110,
        "machine": estimates.machine(),
        "attempts": 1,
    }
    for _ in range(5):
        make_run(Hyperparameters(), seconds=9 * before, **known)
    estimates.learn(make_run(Hyperparameters(), seconds=2 * before, device="NVIDIA H200", **known))
    assert Speed.objects.get().trainings == 1
    assert estimate(Hyperparameters(), 60_000).seconds < 3 * before


def test_a_new_machine_is_tried_out_once():
    estimates.calibrate()
    speed = Speed.objects.get()
    assert 0.05 < speed.factor < 50
    assert speed.prices["dense"] == pytest.approx(speed.factor * time.USUAL["dense"])
    estimates.calibrate()
    assert Speed.objects.get().factor == speed.factor


def test_parameters_and_memory_are_those_of_the_network():
    weighed = estimate(Hyperparameters(), 60_000)
    assert weighed.parameter_count == 109_386
    assert weighed.memory > 4 * 109_386
    assert weighed.operations == 784 * 128 + 128 * 64 + 64 * 10
