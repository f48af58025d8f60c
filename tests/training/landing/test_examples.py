import pytest
from django.urls import reverse

from digits import datasets
from training.landing import examples


def test_the_recorded_run_goes_through_all_its_epochs():
    points = examples.recorded_points()
    assert points[0]["step"] == 0
    assert points[-1]["epoch"] == 5
    assert points[-1]["val_loss"] < points[0]["val_loss"]


def test_the_starters_mistakes_are_counted_on_the_whole_test_set():
    dataset = datasets.load()
    assert examples.starter_confusion(dataset.name).total == len(dataset.test)


@pytest.mark.parametrize("name", ["exhibit_curve", "exhibit_confusion"])
@pytest.mark.django_db
def test_anybody_sees_them(client, name):
    assert client.get(reverse(f"training:{name}")).status_code == 200
