"""Head to head: one training on several engines."""

import numpy as np
import pytest
from django.urls import reverse

from digits import datasets
from training.ml import nn
from training.ml.config.hyperparameters import Hyperparameters
from training.ml.evaluation.agreement import Agreement
from training.models import Network, Point, Run, Status
from training.worker.submission import Submission, create

pytestmark = pytest.mark.django_db


def url(run):
    return reverse("training:versus", args=[run.pk])


@pytest.fixture
def ended(experiment):
    """A run that has ended, with points and a network."""

    def make(engine="numpy", seed=0):
        key = datasets.load().name
        wanted = Submission(
            owner=experiment.owner,
            experiment=experiment,
            hyperparameters=Hyperparameters(),
            engine="numpy",
            dataset=key,
        )
        run = create(wanted)
        Run.objects.filter(pk=run.pk).update(
            engine=engine, status=Status.FINISHED, epoch=5, seconds=10, test_accuracy=0.9
        )
        Point.objects.create(
            run=run,
            step=9,
            epoch=1,
            train_loss=1,
            train_accuracy=0.5,
            val_loss=0.25,
            val_accuracy=0.9,
            seconds=2,
        )
        network = nn.Network.for_hyperparameters(Hyperparameters(seed=seed))
        Network.objects.create(owner=experiment.owner, run=run, **Network.contents(network, "n"))
        return Run.objects.get(pk=run.pk)

    return make


def test_runs_of_the_same_setup_stand_side_by_side(owners, ended):
    run, other = ended(), ended(engine="sklearn", seed=1)
    page = owners.get(url(run)).content.decode()
    assert other.get_absolute_url() in page
    assert "the yardstick" in page
    assert f"of {min(1000, len(datasets.load().test)):,}" in page
    assert "2.00" in page, "ten seconds for five epochs"
    assert "0.2500" in page
    assert "on NVIDIA H200" not in page
    Run.objects.filter(pk=other.pk).update(device="NVIDIA H200")
    assert "on NVIDIA H200" in owners.get(url(run)).content.decode()


def test_engines_still_to_come_have_a_button_or_say_what_is_missing(owners, ended):
    page = owners.get(url(ended())).content.decode()
    assert "Train on scikit-learn" in page


def test_agreement_counts_answers_and_the_farthest_probability():
    one = np.array([[0.9, 0.1], [0.4, 0.6]], np.float32)
    other = np.array([[0.8, 0.2], [0.7, 0.3]], np.float32)
    agreement = Agreement.between(one, other)
    assert (agreement.images, agreement.same) == (2, 1)
    assert agreement.farthest == pytest.approx(0.3)
