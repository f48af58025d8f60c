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


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("exhibit_curve", "Loss over five epochs, from "),
        ("exhibit_confusion", "Confusion matrix of the starter network"),
    ],
)
@pytest.mark.django_db
def test_anybody_sees_them(client, name, label):
    assert f'aria-label="{label}' in client.get(reverse(f"training:{name}")).content.decode()
