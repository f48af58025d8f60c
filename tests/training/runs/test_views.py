"""Pages and partials of training, each from its URL."""

import json

import numpy as np
import pytest
from django.urls import reverse

from digits import datasets
from tests.conftest import QUICK
from training.ml import formats, nn
from training.models import Experiment, Network, Point, Run, Status


@pytest.fixture
def sent(monkeypatch):
    """The runs that were put in line, instead of messages in a queue that no worker reads."""
    runs = []
    monkeypatch.setattr("training.runs.controls.enqueue", runs.append)
    return runs


def test_the_history_asks_the_database_a_bounded_number_of_times(
    owners, make_run, django_assert_max_num_queries
):
    for _ in range(30):
        make_run(status=Status.FINISHED)
    with django_assert_max_num_queries(12):
        page = owners.get(reverse("training:runs")).content.decode()
    assert page.count("<tr id=") == 20


def test_an_empty_history_says_what_will_be_there(owners):
    assert "Train your first network" in owners.get(reverse("training:runs")).content.decode()


def test_points_after_a_step_are_given_to_a_page_that_missed_them(owners, run):
    for step in (0, 5, 10):
        Point.objects.create(run=run, step=step, epoch=step / 10, train_loss=1, train_accuracy=0.5, seconds=1)
    answer = owners.get(reverse("training:points", args=[run.pk]), {"after": "5"}).json()
    assert [point["step"] for point in answer["points"]] == [10]


@pytest.mark.parametrize(
    ("verb", "before", "after"),
    [
        ("pause", Status.QUEUED, Status.PAUSED),
        ("stop", Status.QUEUED, Status.STOPPED),
        ("stop", Status.PAUSED, Status.STOPPED),
        ("resume", Status.PAUSED, Status.QUEUED),
        ("pause", Status.FINISHED, Status.FINISHED),
        ("resume", Status.FINISHED, Status.FINISHED),
        ("stop", Status.FAILED, Status.FAILED),
    ],
)
def test_a_run_changes_as_its_owner_asks(owners, make_run, sent, verb, before, after):
    run = make_run(status=before)
    owners.post(reverse(f"training:{verb}", args=[run.pk]))
    owners.post(reverse(f"training:{verb}", args=[run.pk]))
    run.refresh_from_db()
    assert run.status == after


def test_a_paused_run_that_stops_keeps_what_it_learnt(owners, make_run, sent):
    run = make_run(status=Status.PAUSED, step=5, steps=10)
    owners.post(reverse("training:stop", args=[run.pk]))
    run.refresh_from_db()
    assert (run.status, run.request) == (Status.QUEUED, "stop")
    assert sent == [run]


@pytest.mark.parametrize(("verb", "asked"), [("pause", "pause"), ("stop", "stop")])
def test_a_running_run_is_asked_and_not_forced(owners, make_run, verb, asked):
    run = make_run(status=Status.RUNNING)
    response = owners.post(reverse(f"training:{verb}", args=[run.pk]), headers={"HX-Request": "true"})
    run.refresh_from_db()
    assert (run.status, run.request) == (Status.RUNNING, asked)
    assert "at the next step" in response.content.decode()


def test_a_run_is_renamed_noted_and_its_network_with_it(owners, run, network):
    owners.post(reverse("training:edit_run", args=[run.pk]), {"name": "Better", "note": "Wider."})
    run.refresh_from_db()
    network.refresh_from_db()
    assert (run.name, run.note, network.name) == ("Better", "Wider.", "Better")


def test_a_run_is_deleted_only_after_a_question(owners, run):
    url = reverse("training:delete_run", args=[run.pk])
    assert "gone for good" in owners.get(url).content.decode()
    assert Run.objects.exists()
    owners.post(url)
    assert not Run.objects.exists()


def test_an_experiment_is_renamed_and_deleted_with_its_runs(owners, run):
    experiment = run.experiment
    owners.post(
        reverse("training:edit_experiment", args=[experiment.pk]), {"name": "Depth", "note": "How deep?"}
    )
    assert "How deep?" in owners.get(reverse("training:runs")).content.decode()
    page = owners.get(reverse("training:delete_experiment", args=[experiment.pk])).content.decode()
    assert "1 run," in page
    owners.post(reverse("training:delete_experiment", args=[experiment.pk]))
    assert not Experiment.objects.exists()
    assert not Run.objects.exists()


@pytest.fixture
def network(run):
    made = nn.Network.for_hyperparameters(QUICK)
    return Network.objects.create(
        owner=run.experiment.owner, run=run, name="Mine", data=formats.dump(made, {}), test_accuracy=0.5
    )


def test_ones_own_networks_can_be_picked_and_nobody_elses(owners, strangers, network):
    assert "Mine" in owners.get(reverse("training:picker")).content.decode()
    assert "Mine" not in strangers.get(reverse("training:picker")).content.decode()


def test_weights_are_sent_once_and_then_known(owners, network):
    response = owners.get(reverse("training:weights", args=[network.pk]))
    assert formats.load(response.content).parameter_count == QUICK.parameter_count
    again = owners.get(
        reverse("training:weights", args=[network.pk]), headers={"If-None-Match": response["ETag"]}
    )
    assert again.status_code == 304


def test_images_of_the_dataset_are_predicted(owners, network):
    url = reverse("training:predictions", args=[network.pk])
    answers = owners.get(url, {"split": "test", "index": [3, 5]}).json()["predictions"]
    test = datasets.load().test
    assert [a["label"] for a in answers] == [int(test.labels[3]), int(test.labels[5])]
    expected = formats.load(bytes(network.data)).predict(test.images[[3, 5]])
    assert np.allclose([a["probabilities"] for a in answers], expected, atol=1e-6)


@pytest.mark.parametrize("index", ["-1", "x", "10000", "99999999999"])
def test_an_index_beyond_the_split_is_refused(owners, network, index):
    url = reverse("training:predictions", args=[network.pk])
    assert owners.get(url, {"split": "test", "index": index}).status_code == 400


def test_a_drawn_image_is_predicted_for_anybody_by_the_starter(client):
    url = reverse("training:predict", args=["starter"])
    image = datasets.load().test.images[0]
    answer = client.post(url, image.tobytes(), content_type="application/octet-stream").json()
    assert np.argmax(answer["probabilities"]) == datasets.load().test.labels[0]
    assert client.post(url, b"short", content_type="application/octet-stream").status_code == 400


@pytest.mark.parametrize("name", ["pause", "resume", "stop"])
def test_what_changes_a_run_is_never_a_mere_link(owners, run, name):
    before = Run.objects.values("status", "request").get()
    assert owners.get(reverse(f"training:{name}", args=[run.pk])).status_code == 405
    assert Run.objects.values("status", "request").get() == before


def test_a_deleted_runs_worker_is_not_asked(owners, make_run):
    run = make_run(status=Status.RUNNING)
    owners.post(reverse("training:delete_run", args=[run.pk]))
    assert not Run.objects.filter(pk=run.pk).exists()


def test_the_result_shows_accuracy_and_confusion(owners, make_run):
    counts = [[10 * (i == j) for j in range(10)] for i in range(10)]
    counts[4][9] = 3
    run = make_run(status=Status.FINISHED, test_accuracy=100 / 103, test_loss=0.1, confusion=counts)
    page = owners.get(run.get_absolute_url()).content.decode()
    assert "97.09 %" in page
    assert '<span class="strong">4</span> read as <span class="strong">9</span>' in page
    assert json.dumps(counts) not in page
    Run.objects.filter(pk=run.pk).update(dataset="fashion-mnist", device="NVIDIA H200")
    page = owners.get(run.get_absolute_url()).content.decode()
    assert '<span class="strong">Coat</span> read as <span class="strong">Ankle boot</span>' in page
    assert '<span class="name">Coat</span> 4' in page
    assert "on NVIDIA H200" in page


@pytest.mark.parametrize("status", [Status.FAILED, Status.STOPPED])
def test_a_run_that_came_to_nothing_can_be_tried_again(owners, make_run, status):
    run = make_run(status=status, reason="No.")
    page = owners.get(run.get_absolute_url()).content.decode()
    assert f'action="{reverse("training:again", args=[run.pk])}"' in page
    assert f'href="{reverse("training:new")}?from={run.pk}"' in page


def test_a_result_leads_to_the_images_that_its_network_mistakes(owners, owner, make_run):
    counts = [[10 * (i == j) for j in range(10)] for i in range(10)]
    run = make_run(status=Status.FINISHED, test_accuracy=1.0, test_loss=0.1, confusion=counts)
    assert "See its mistakes" not in owners.get(run.get_absolute_url()).content.decode()
    made = nn.Network.for_hyperparameters(run.hyperparameters)
    network = Network.objects.create(owner=owner, run=run, **Network.contents(made, "n"))
    page = owners.get(run.get_absolute_url()).content.decode()
    address = f"{reverse('digits:browser')}?dataset={run.dataset}&amp;network={network.pk}"
    assert f'href="{address}">See its mistakes' in page
    assert f'href="{address}&label=4">4</a>' in page
    Run.objects.filter(pk=run.pk).update(dataset="own-999")
    assert "See its mistakes" not in owners.get(run.get_absolute_url()).content.decode()


def test_of_many_runs_the_newest_are_listed_and_all_are_a_click_away(owners, make_run):
    runs = [make_run(name=f"run number {i}.") for i in range(55)]
    page = owners.get(reverse("training:runs")).content.decode()
    assert "run number 54." in page
    assert "run number 10." not in page
    assert "All 55 runs of First steps" in page
    url = f"{reverse('training:runs')}?experiment={runs[0].experiment_id}"
    assert owners.get(url).content.decode().count('<tr id="run-') == 50
    assert "run number 0." in owners.get(f"{url}&page=2").content.decode()


def test_the_experiment_of_another_is_not_listed(strangers, run):
    assert strangers.get(f"{reverse('training:runs')}?experiment={run.experiment_id}").status_code == 404
