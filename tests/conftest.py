"""Users, their browsers, and a run."""

from collections.abc import Callable, Iterator
from typing import Any

import hypothesis
import pytest
from django.db import connection
from django.test import Client

from training.ml.config.hyperparameters import Hyperparameters
from training.ml.config.templates import dense
from training.models import Experiment, Network, Run
from tryml.accounts.models import User

# No deadline: on a busy machine, the time of an example says nothing.
hypothesis.settings.register_profile(
    "tryml", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("tryml")

# Small enough to train quickly on MNIST and on its substitute.
QUICK = Hyperparameters(layers=dense(16), epochs=2, training_images=500, batch_size=50)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Make the test database; before it is deleted, close the connections that asynchronous tests left open."""
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def owner(db: None) -> User:
    return User.objects.create_user("owner", "owner@example.org", "correct horse")


@pytest.fixture
def stranger(db: None) -> User:
    return User.objects.create_user("stranger", "stranger@example.org", "correct horse")


@pytest.fixture
def guest(db: None) -> User:
    return User.objects.create_guest()


@pytest.fixture
def admin_user(db: None) -> User:
    return User.objects.create_superuser("admin", "admin@example.org", "correct horse")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def owners(owner: User) -> Client:
    """The owner's browser."""
    return signed_in(owner)


@pytest.fixture
def strangers(stranger: User) -> Client:
    """The browser of somebody else."""
    return signed_in(stranger)


@pytest.fixture
def experiment(owner: User) -> Experiment:
    return Experiment.objects.create(owner=owner, name="First steps")


@pytest.fixture
def make_run(experiment: Experiment) -> Any:
    def make(hyperparameters: Hyperparameters = QUICK, **fields: Any) -> Run:
        from digits import datasets

        return Run.objects.create(
            **{
                "experiment": experiment,
                "name": "Run 1",
                "dataset": datasets.load().name,
                "hyperparameters_json": hyperparameters.to_dict(),
                "parameter_count": hyperparameters.parameter_count,
            }
            | fields
        )

    return make


@pytest.fixture
def run(make_run: Any) -> Run:
    return make_run()


@pytest.fixture
def path_of(run: Run) -> Callable[[str], str]:
    """Fills a route of the URL configuration with the ids of things that belong to the owner of `run`."""
    from digits.models import OwnDataset, OwnDrawing
    from training.ml import formats, nn

    owner = run.experiment.owner
    data = formats.dump(nn.Network.for_hyperparameters(Hyperparameters(layers=dense(4))), {})
    network = Network.objects.create(owner=owner, run=run, name="n", data=data)
    dataset = OwnDataset.objects.create(
        owner=owner, title="mine", train_count=90, test_count=10, classes=[], fingerprint="0" * 64
    )
    drawing = OwnDrawing.objects.keep(owner, [[[0.5, 0.5]]], 1)
    things = {
        "<int:run_id>": run.pk,
        "<int:experiment_id>": run.experiment_id,
        "<slug:key>": network.pk,
        "<int:network_id>": network.pk,
        "<int:dataset_id>": dataset.pk,
        "<int:drawing_id>": drawing.pk,
    }

    def filled(route: str) -> str:
        for argument, thing in things.items():
            route = route.replace(argument, str(thing))
        return f"/{route}"

    return filled
