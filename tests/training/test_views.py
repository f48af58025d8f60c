"""Pages and partials of training, each from its URL."""

import json
import uuid

import numpy as np
import pytest
from django.urls import reverse

from digits import datasets
from tests.conftest import QUICK
from training import formats, nn
from training.hyperparameters import Hyperparameters
from training.models import Experiment, Network, Point, Run, Status
from tryml.accounts.models import Preferences


@pytest.fixture
def sent(monkeypatch):
    """The runs that were put in line, instead of messages in a queue that no worker reads."""
    runs = []
    monkeypatch.setattr("training.views.runs.enqueue", runs.append)
    return runs


def filled(**changes):
    fields = Hyperparameters().to_dict() | {"hidden_layer_sizes": "128, 64", "training_images": ""}
    return {**fields, "experiment": "First steps", "name": "", "token": str(uuid.uuid4()), **changes}


def test_the_form_starts_with_good_defaults(owners):
    page = owners.get(reverse("training:new")).content.decode()
    assert 'value="128, 64"' in page
    assert "109,386" in page, "the parameter count"


def test_a_run_starts_and_its_page_opens(owners, sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        response = owners.post(reverse("training:new"), filled(epochs="3"))
    run = Run.objects.get()
    assert response.url == reverse("training:run", args=[run.pk])
    assert (run.status, run.hyperparameters.epochs, run.experiment.name) == (Status.QUEUED, 3, "First steps")
    assert sent == [run]
    page = owners.get(response.url).content.decode()
    assert "next in line" in page


def test_the_same_form_sent_twice_starts_one_run(owners, sent):
    form = filled()
    first = owners.post(reverse("training:new"), form)
    second = owners.post(reverse("training:new"), form)
    assert first.url == second.url
    assert Run.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("batch_size", "0", "at least 1"),
        ("learning_rate", "fast", "Enter a number"),
        ("learning_rate", "", "required"),
        ("hidden_layer_sizes", "9000", "At most 4096 neurons"),
        ("hidden_layer_sizes", "4096, 4096, 4096", "20,000,000"),
        ("hidden_layer_sizes", "many", "Whole numbers"),
        ("activation", "softplus", "valid choice"),
        ("training_images", "70000", "at most 60,000"),
        ("epochs", "1e400", "whole number"),
        ("experiment", "", "required"),
    ],
)
def test_a_mistake_is_named_beside_its_field_and_nothing_typed_is_lost(owners, sent, field, value, message):
    response = owners.post(reverse("training:new"), filled(**{"name": "kept", field: value}))
    page = response.content.decode()
    assert response.status_code == 422
    assert message in page
    assert 'value="kept"' in page
    assert not Run.objects.exists()


def test_nobody_fills_the_line(owners, make_run, settings, sent):
    settings.RUNS_IN_LINE = 2
    make_run()
    make_run()
    response = owners.post(reverse("training:new"), filled())
    assert "2 of your runs are in line" in response.content.decode()


def test_while_one_types_the_network_is_weighed(owners):
    response = owners.post(reverse("training:check"), filled(hidden_layer_sizes="32"))
    assert "25,450" in response.content.decode()
    response = owners.post(reverse("training:check"), filled(hidden_layer_sizes="32", dropout="2"))
    assert 'id="error-dropout"' in response.content.decode()
    assert "less than 0.95" in response.content.decode()


def test_a_variation_starts_with_the_hyperparameters_of_its_run(owners, make_run):
    run = make_run(Hyperparameters(hidden_layer_sizes=(77,)))
    page = owners.get(reverse("training:new"), {"from": run.pk}).content.decode()
    assert 'value="77"' in page


def test_a_strangers_run_is_no_template(strangers, run):
    assert strangers.get(reverse("training:new"), {"from": run.pk}).status_code == 404


def test_own_defaults_fill_the_form_until_taken_back(owners, owner):
    own = filled(hidden_layer_sizes="33")
    assert "Saved" in owners.post(reverse("training:defaults"), own).content.decode()
    assert Preferences.of(owner).hyperparameters["hidden_layer_sizes"] == [33]
    assert 'value="33"' in owners.get(reverse("training:new")).content.decode()
    owners.post(reverse("training:defaults"), {"reset": ""})
    assert 'value="33"' not in owners.get(reverse("training:new")).content.decode()


def test_the_history_asks_the_database_a_bounded_number_of_times(
    owners, make_run, django_assert_max_num_queries
):
    for _ in range(30):
        make_run(status=Status.FINISHED)
    with django_assert_max_num_queries(12):
        page = owners.get(reverse("training:runs")).content.decode()
    assert page.count("<tr id=") == 30


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
    assert (run.status, run.wish) == (Status.QUEUED, "stop")
    assert sent == [run]


@pytest.mark.parametrize(("verb", "wish"), [("pause", "pause"), ("stop", "stop")])
def test_a_running_run_is_asked_and_not_forced(owners, make_run, verb, wish):
    run = make_run(status=Status.RUNNING)
    response = owners.post(reverse(f"training:{verb}", args=[run.pk]), headers={"HX-Request": "true"})
    run.refresh_from_db()
    assert (run.status, run.wish) == (Status.RUNNING, wish)
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


def test_a_form_without_its_token_is_refused_and_says_so(owner):
    from django.test import Client

    browser = Client(enforce_csrf_checks=True)
    browser.force_login(owner)
    response = browser.post(reverse("training:new"), filled())
    assert response.status_code == 403
    assert "out of date" in response.content.decode()
    assert not Run.objects.exists()


@pytest.mark.parametrize("name", ["pause", "resume", "stop"])
def test_what_changes_a_run_is_never_a_mere_link(owners, run, name):
    assert owners.get(reverse(f"training:{name}", args=[run.pk])).status_code == 405


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
