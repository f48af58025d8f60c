import pytest

from training.estimates import estimate
from training.hyperparameters import Hyperparameters
from training.models import Status

pytestmark = pytest.mark.django_db


def test_more_work_takes_longer():
    small, wide, long = (
        estimate(Hyperparameters(**changes), 60_000).seconds
        for changes in ({}, {"hidden_layer_sizes": (512, 512)}, {"epochs": 10})
    )
    assert wide > small
    assert long == pytest.approx(2 * small)


def test_a_subset_counts_as_far_as_there_are_images():
    some = estimate(Hyperparameters(training_images=1000), 60_000).seconds
    assert some < estimate(Hyperparameters(), 60_000).seconds
    assert estimate(Hyperparameters(training_images=60_000), 1500).seconds == pytest.approx(
        estimate(Hyperparameters(), 1500).seconds
    )


def test_what_finished_runs_took_is_learnt_from(make_run):
    before = estimate(Hyperparameters(), 60_000).seconds
    make_run(Hyperparameters(), status=Status.FINISHED, steps=2110, seconds=3 * before)
    assert estimate(Hyperparameters(), 60_000).seconds == pytest.approx(3 * before, rel=0.01)


def test_parameters_and_memory_are_those_of_the_network():
    weighed = estimate(Hyperparameters(), 60_000)
    assert weighed.parameter_count == 109_386
    assert weighed.memory > 4 * 109_386
    assert [column.size for column in weighed.layers] == [784, 128, 64, 10]
