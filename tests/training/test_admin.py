"""Experiments, runs and networks in the admin: looked at, found, deleted, but never edited."""

import pytest
from django.urls import reverse

from tests.conftest import signed_in
from training.models import Experiment, Network, Point, Run, Status
from tryml.accounts.models import User


@pytest.fixture
def admins(admin_user):
    """An administrator's browser."""
    return signed_in(admin_user)


@pytest.fixture
def network(run):
    return Network.objects.create(owner=run.experiment.owner, run=run, name="Run 1 ü", data=b"weights")


def url(model, view="changelist", *args):
    return reverse(f"admin:training_{model._meta.model_name}_{view}", args=args)


def page(client, address):
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def found(client, address):
    return [row.name for row in client.get(address).context["cl"].result_list]


@pytest.mark.parametrize("model", [Experiment, Run, Network])
def test_every_row_has_a_page(admins, network, model):
    row = model.objects.get()
    assert str(row) in page(admins, url(model))
    assert str(row) in page(admins, url(model, "change", row.pk))


@pytest.mark.parametrize("model", [Experiment, Run, Network])
def test_a_list_takes_as_many_queries_for_many_rows_as_for_few(
    admins, make_run, django_assert_max_num_queries, model
):
    for number in range(30):
        user = User.objects.create_user(f"user-{number}")
        run = make_run(experiment=Experiment.objects.create(owner=user, name="First steps"))
        Network.objects.create(owner=user, run=run, name="n", data=b"w")
    with django_assert_max_num_queries(10):
        page(admins, url(model))


def test_a_list_loads_no_heavy_column(admins, network, django_assert_max_num_queries):
    with django_assert_max_num_queries(10) as captured:
        page(admins, url(Network))
        page(admins, url(Run))
    queries = " ".join(query["sql"] for query in captured.captured_queries)
    assert '"training_run"."confusion"' not in queries
    assert 'LENGTH("training_network"."data")' in queries
    assert '"training_network"."data",' not in queries


def test_a_runs_page_has_its_curves_confusion_hyperparameters_and_log(admins, make_run):
    confusion = [[90 if row == column else 1 for column in range(10)] for row in range(10)]
    run = make_run(status=Status.FINISHED, confusion=confusion, test_accuracy=0.9)
    Point.objects.create(run=run, step=10, epoch=0.5, train_loss=1.25, train_accuracy=0.5, seconds=1)
    run.log("Epoch 1: <fine>")
    html = page(admins, url(Run, "change", run.pk))
    assert '"train_loss": 1.25' in html
    assert 'data-chart="loss"' in html
    assert "Confusion matrix" in html
    assert "learning_rate" in html
    assert "Epoch 1: &lt;fine&gt;" in html
    assert "90.00 %" in html


def test_a_run_that_has_not_begun_has_a_page_too(admins, run):
    assert "No point yet." in page(admins, url(Run, "change", run.pk))


def test_a_run_is_found_by_status_owner_dataset_engine_and_name(admins, make_run, stranger):
    make_run(name="mine")
    theirs = Experiment.objects.create(owner=stranger, name="Second steps")
    make_run(name="theirs", experiment=theirs, status=Status.FAILED, dataset="other", engine="other")
    address = url(Run)
    assert found(admins, f"{address}?status__exact=failed") == ["theirs"]
    assert found(admins, f"{address}?owner=stranger") == ["theirs"]
    assert found(admins, f"{address}?owner={stranger.pk}") == ["theirs"]
    assert found(admins, f"{address}?engine=numpy") == ["mine"]
    assert found(admins, f"{address}?dataset=other") == ["theirs"]
    assert found(admins, f"{address}?q=second+steps") == ["theirs"]
    assert found(admins, f"{address}?experiment__id__exact={theirs.pk}") == ["theirs"]


def test_a_network_is_downloaded_as_it_is_stored(admins, network):
    response = admins.get(url(Network, "download", network.pk))
    assert response.content == b"weights"
    assert response["Content-Disposition"] == f'attachment; filename="run-1-u-{network.pk}.safetensors"'


def test_a_download_is_for_administrators_only(owners, network):
    response = owners.get(url(Network, "download", network.pk))
    assert response.status_code in {302, 403}
    assert b"weights" not in response.content


def test_a_network_that_is_gone_is_not_found(admins, db):
    assert admins.get(url(Network, "download", 99)).status_code == 404


@pytest.mark.parametrize("model", [Experiment, Run, Network])
def test_nothing_is_added_or_edited(admins, network, model):
    row = model.objects.get()
    assert admins.get(url(model, "add")).status_code == 403
    assert admins.post(url(model, "change", row.pk), {"name": "other"}).status_code == 403
    assert model.objects.get().name == row.name


@pytest.mark.parametrize("model", [Experiment, Run, Network])
def test_a_row_is_deleted_after_asking(admins, network, model):
    row = model.objects.get()
    assert str(row) in page(admins, url(model, "delete", row.pk))
    admins.post(url(model, "delete", row.pk), {"post": "yes"})
    assert not model.objects.exists()


def test_asking_lists_no_points_however_many_there_are(admins, run, django_assert_max_num_queries):
    Point.objects.bulk_create(
        Point(run=run, step=step, epoch=step, train_loss=1, train_accuracy=0, seconds=1)
        for step in range(300)
    )
    with django_assert_max_num_queries(10):
        assert page(admins, url(Run, "delete", run.pk)).count("step ") < 5
