"""What version 0.4.0 left in a database is still there, and still works. make_0_4_0.py made what is in 0_4_0."""

import hashlib
import json
import lzma
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest
from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator
from django.contrib.contenttypes.models import ContentType
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client
from psycopg import sql

from digits import datasets
from digits.library import lookup
from digits.models import OwnDrawing
from tests.upgrade import walk
from tests.upgrade.arithmetic import arithmetic
from training.ml import engines, formats
from training.ml.data.selection import split
from training.ml.engines import ENGINES
from training.models import Checkpoint, InitialNetwork, Network, Run, Status
from training.worker import actors
from tryml.accounts.models import Preferences, User
from tryml.asgi import application
from tryml.servers.migrate import migrate_if_needed

FOLDER = Path(__file__).parent / "0_4_0"
RECORDED = json.loads((FOLDER / "recorded.json").read_text())
FILE = re.compile(r"/embed/shared-by-anna/[0-9a-f]+\.safetensors")
COLUMNS = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"

Columns = dict[tuple[str, str], int]


@contextmanager
def upgraded(name: str) -> Iterator[tuple[Columns, Columns]]:
    """A database of that name, which 0.4.0 left and this version has migrated, in the place of the tests' own; and
    how many values each column had before and has after that.
    """
    usual = connection.settings_dict["NAME"]
    parameters = {**connection.get_connection_params(), "dbname": "postgres"}
    made = sql.Identifier(name)
    with psycopg.connect(**parameters, autocommit=True) as session:
        session.execute(sql.SQL("CREATE DATABASE {}").format(made))
        try:
            connection.close()
            connection.settings_dict["NAME"] = name
            ContentType.objects.clear_cache()
            with connection.cursor() as cursor:
                cursor.execute(lzma.decompress((FOLDER / "dump.sql.xz").read_bytes()))
            before = filled()
            migrate_if_needed()
            after = filled()
            connection.close()
            yield before, after
        finally:
            connection.close()
            connection.settings_dict["NAME"] = usual
            ContentType.objects.clear_cache()
            session.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(made))


def filled() -> Columns:
    """How many values each column has."""
    found = {}
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS)
        for table, column in cursor.fetchall():
            names = sql.Identifier(column), sql.Identifier(table)
            cursor.execute(sql.SQL("SELECT count({}) FROM {}").format(*names))
            found[table, column] = cursor.fetchone()[0]
    return found


@pytest.fixture(scope="module", autouse=True)
def columns(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[Columns, Columns]]:
    """The database of 0.4.0, for every test here: each leaves it as it was."""
    with django_db_blocker.unblock(), upgraded("upgraded") as both:
        django_db_blocker.block()
        yield both
        django_db_blocker.restore()


@pytest.fixture(autouse=True)
def _as_it_was(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key that sessions were signed by, and the only dataset that is everywhere."""
    settings.SECRET_KEY = RECORDED["key"]
    monkeypatch.delenv("MNIST_DIR", raising=False)


@pytest.fixture
def images() -> np.ndarray:
    """What networks were asked to read."""
    return datasets.load("uci-digits").test.images[:6]


def digest(array: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def test_no_table_no_column_and_no_value_is_lost(columns: tuple[Columns, Columns]) -> None:
    before, after = columns
    tables = {table for table, _ in before}
    assert all(any(count for (of, _), count in before.items() if of == table) for table in tables)
    assert {name: count for name, count in before.items() if after.get(name, 0) < count} == {}


@pytest.mark.django_db
def test_the_migrations_are_those_that_the_models_need() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


# Pages


def problem(answer: Any, status: int, names: list[int]) -> str:
    """What is worse about an answer, redirects followed, than what 0.4.0 said. A page may have moved."""
    first = answer.redirect_chain[0][1] if answer.redirect_chain else answer.status_code
    if first != status and not (answer.redirect_chain and status == 200):
        return f"{first}, not {status}"
    if answer.redirect_chain and answer.status_code != 200:
        return f"{answer.status_code} behind {answer.redirect_chain}"
    missing = set(names) - set(walk.shown(answer, RECORDED["names"]))
    return "shows no " + ", ".join(RECORDED["names"][name] for name in missing) if missing else ""


@pytest.mark.django_db
@pytest.mark.parametrize("who", RECORDED["sessions"])
def test_every_address_answers_as_it_did(who: str) -> None:
    session = RECORDED["sessions"][who]
    asked = [answer[1:] for answer in RECORDED["answers"] if answer[0] == who]
    problems = {
        (method, path): found
        for method, path, status, names in asked
        if (found := problem(walk.asked(session, method, path, follow=True), status, names))
    }
    assert problems == {}
    assert len(asked) > 100


@pytest.mark.django_db
def test_addresses_that_were_not_asked_for_know_these_rows_too() -> None:
    """Those of newer pages above all."""
    known = {(who, path) for who, method, path, *_ in RECORDED["answers"] if method == "GET"}
    today = [("anna", path) for path in walk.addresses("anna")]
    today += [("headmaster", path) for path in walk.admin_addresses()]
    answers = {
        (who, path): walk.asked(RECORDED["sessions"][who], "GET", path).status_code
        for who, path in today
        if (who, path) not in known
    }
    assert {asked: status for asked, status in answers.items() if status not in {200, 302, 405}} == {}
    assert answers


@pytest.fixture
async def own_thread() -> AsyncIterator[None]:
    """The thread in which consumers ask the database comes from other tests, and goes on to others: no connection to
    either's database stays open there.
    """
    close = database_sync_to_async(connections.close_all)
    await close()
    yield
    await close()


@pytest.mark.django_db
async def test_a_page_that_is_open_hears_of_its_run(own_thread: None) -> None:
    cookie = b"sessionid=" + RECORDED["sessions"]["anna"].encode()
    for run_id in RECORDED["runs"]["anna"]:
        page = WebsocketCommunicator(
            application,
            f"/ws/runs/{run_id}/",
            headers=[(b"cookie", cookie), (b"host", b"localhost"), (b"origin", b"http://localhost")],
        )
        assert (await page.connect())[0]
        assert "In line." in await page.receive_from()
        await page.disconnect()


@pytest.mark.django_db
def test_people_sign_in_with_their_passwords_and_find_what_they_prefer() -> None:
    client = Client()
    answer = client.post("/accounts/login/", {"login": "anna@example.org", "password": "correct horse"})
    assert answer.url == "/runs/"
    anna = User.objects.get(username="anna")
    prefers = Preferences.of(anna)
    assert (prefers.theme, prefers.log_axes, prefers.keeps_drawings) == ("dark", True, True)
    assert prefers.hyperparameters == {"epochs": 7, "optimizer": "nadam"}
    assert set(anna.get_all_permissions()) == {"training.view_run", "training.view_network"}


@pytest.mark.django_db
def test_a_correction_from_a_page_elsewhere_reaches_the_owner() -> None:
    sent = {"strokes": [[[0.5, 0.1], [0.5, 0.9]]], "label": 1, "answer": 7}
    answer = Client().post(
        "/embed/shared-by-anna/corrections", json.dumps(sent), "text/plain", headers={"Origin": walk.PAGE}
    )
    assert answer.status_code == 204
    assert OwnDrawing.objects.filter(owner__username="anna", label=1, answer=7, source="widget").count() == 1


# Networks


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "model"), [("networks", Network), ("initial networks", InitialNetwork)])
def test_every_network_reads_what_it_read(kind: str, model: Any, images: np.ndarray) -> None:
    rows = {str(row.pk): bytes(row.data) for row in model.objects.all()}
    assert rows.keys() == RECORDED[kind].keys()
    for key, data in rows.items():
        np.testing.assert_allclose(formats.load(data).predict(images), RECORDED[kind][key], rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "load"), [("network.safetensors", formats.load), ("shared.safetensors", formats.quantised.load)]
)
def test_a_file_of_a_network_reads_what_it_read(name: str, load: Any, images: np.ndarray) -> None:
    network = load((FOLDER / name).read_bytes())
    np.testing.assert_allclose(network.predict(images), RECORDED["files"][name], rtol=0, atol=1e-6)


@pytest.mark.django_db
def test_a_file_that_was_downloaded_can_be_brought_along(images: np.ndarray) -> None:
    data = (FOLDER / "network.safetensors").read_bytes()
    client = Client()
    client.force_login(User.objects.get(username="bert"))
    file = SimpleUploadedFile("network.safetensors", data)
    assert client.post("/networks/", {"file": file, "name": "Of then"}).status_code == 302
    network = formats.load(bytes(Network.objects.get(owner__username="bert").data))
    wanted = RECORDED["files"]["network.safetensors"]
    np.testing.assert_allclose(network.predict(images), wanted, rtol=0, atol=1e-6)


@pytest.mark.django_db
def test_networks_are_sent_as_they_were() -> None:
    """What pages elsewhere got under an address never changes, but for the order of what the file says of itself."""
    shared = next(path for _, _, path, *_ in RECORDED["answers"] if FILE.fullmatch(path))
    sent, kept = walk.asked(None, "GET", shared).content, (FOLDER / "shared.safetensors").read_bytes()
    assert formats.metadata(sent) == formats.metadata(kept)
    networks = formats.quantised.load(sent), formats.quantised.load(kept)
    np.testing.assert_array_equal(*(network.parameters for network in networks))

    weights = f"/networks/{Network.objects.get(share__key='shared-by-anna').pk}/weights/"
    sent = walk.asked(RECORDED["sessions"]["anna"], "GET", weights).content
    assert sent == (FOLDER / "network.safetensors").read_bytes()


# Checkpoints


@pytest.mark.django_db
def test_every_checkpoint_holds_what_it_held() -> None:
    found = {}
    for stored in Checkpoint.objects.select_related("run"):
        checkpoint = engines.Checkpoint.from_bytes(bytes(stored.data))
        arrays = {name: digest(array) for name, array in sorted(checkpoint.arrays.items())}
        found[stored.run.name] = {"step": checkpoint.step, "arrays": arrays}
    assert found == RECORDED["checkpoints"]


def undisturbed(run: Run) -> np.ndarray:
    """The weights that this version comes to without any checkpoint."""
    parts = split(lookup.load(run.dataset).train, run.hyperparameters)
    initial = formats.load(bytes(run.initial.data)) if run.has_initial else None
    *_, progress = ENGINES[run.engine].fit(run.hyperparameters, *parts, initial=initial)
    return progress.network().parameters


def test_every_checkpoint_resumes_to_the_same_bits(django_db_blocker: Any, images: np.ndarray) -> None:
    """To the bits that 0.4.0 came to, and that this version comes to without a checkpoint: both need a processor that
    adds up as the one did on which 0.4.0 trained, since half of the sums are from there; on any other they are close.
    """
    is_same = arithmetic() == RECORDED["arithmetic"]
    with django_db_blocker.unblock(), upgraded("resumed"):
        for run in Run.objects.filter(name__in=RECORDED["resumed"]):
            if run.status == Status.PAUSED:
                assert run.resume()
            elif run.status == Status.RUNNING:
                assert run in Run.objects.take_back()
            else:
                assert run.train_on(1)
        while Run.objects.filter(status=Status.QUEUED).exists():
            actors.train(0)

        for name, wanted in RECORDED["resumed"].items():
            run = Run.objects.get(name=name)
            assert (run.status, run.reason) == (Status.FINISHED, wanted["reason"])
            assert not run.lines.filter(level="warning").exists()  # of a checkpoint that is of no use
            network = formats.load(bytes(run.network.data))
            np.testing.assert_allclose(network.predict(images), wanted["read"], rtol=0, atol=1e-3)
            if is_same:
                assert digest(network.parameters) == wanted["weights"], name
                assert np.array_equal(undisturbed(run), network.parameters), name
