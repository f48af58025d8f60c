"""What networks make of one's own digits, and the training that learns them."""

import uuid

import numpy as np
import pytest
from django.conf import settings
from django.urls import reverse

from digits import datasets
from digits.models import Handwriting, OwnDrawing
from tests.conftest import QUICK
from tests.quotas import limit
from training import networks
from training.handwriting import views
from training.handwriting.scores import FineTuningReport, MyDigits, scores
from training.ml import formats, nn
from training.ml.config.hyperparameters import Hyperparameters
from training.models import InitialNetwork, Network, Run, Status
from training.worker import actors, submission
from training.worker.submission import create

URL, LEARN, SCORES = "/drawings/", "/drawings/learn/", "/drawings/scores/"
ONE = [[[0.5, 0.1], [0.5, 0.9]]]
SEVEN = [[[0.25, 0.2], [0.75, 0.2], [0.4, 0.8]]]


def kept(user, *drawn):
    """Drawings of a user, the last one first."""
    return [OwnDrawing.objects.keep(user, strokes, label) for strokes, label in drawn][::-1]


def answering(digit):
    """A network that reads everything as one digit."""
    network = nn.Network.for_hyperparameters(Hyperparameters(layers=QUICK.layers, initializer="zeros"))
    network.tensors["1.bias"][digit] = 5
    return network


def stored(owner, digit, **fields):
    return Network.objects.create(owner=owner, **Network.contents(answering(digit), f"all {digit}") | fields)


@pytest.fixture(autouse=True)
def fresh_answers(settings, tmp_path):
    """Nothing is known of networks that other tests have used."""
    settings.CACHES = {
        **settings.CACHES,
        "answers": {**settings.CACHES["answers"], "LOCATION": tmp_path / "answers"},
        "networks": {**settings.CACHES["networks"], "LOCATION": tmp_path / "networks"},
    }


def test_drawings_are_read_as_the_network_reads_their_images(owner):
    newest, oldest = kept(owner, (ONE, 1), (SEVEN, 4))
    mine = MyDigits.of(owner)
    assert mine.ids == [newest.pk, oldest.pk]
    answers = mine.read_by(networks.starter())
    assert list(answers) == [7, 1]
    assert str(mine.score(answers)) == "1 of 2"


def test_what_was_read_once_is_not_read_again_while_the_ink_is_the_same(owner, monkeypatch):
    one, _ = kept(owner, (ONE, 1), (SEVEN, 7))
    found = networks.starter()
    MyDigits.of(owner).read_by(found)
    read = []
    whole = nn.Network.predict
    monkeypatch.setattr(nn.Network, "predict", lambda *arguments: read.append(1) or whole(*arguments))
    OwnDrawing.objects.filter(pk=one.pk).update(label=2)
    mine = MyDigits.of(owner)
    assert str(mine.score(mine.read_by(found))) == "1 of 2", "another label counts otherwise"
    assert not read
    kept(owner, (ONE, 1))
    assert str(MyDigits.of(owner).score(MyDigits.of(owner).read_by(found))) == "2 of 3"
    assert read


def test_nobody_has_no_digits_and_nothing_is_asked(owner):
    mine = MyDigits.of(owner)
    assert len(mine) == 0
    assert len(mine.read_by(networks.starter())) == 0


def test_a_network_that_was_trained_on_is_read_anew(owner):
    kept(owner, (ONE, 1))
    network, mine = stored(owner, 1), MyDigits.of(owner)
    mine.read_by(networks.opened(network))
    assert scores(mine, [network])[network.pk].right == 1
    Network.objects.update(**Network.contents(answering(2), "n"))
    network.refresh_from_db()
    assert scores(mine, [network]) == {}
    assert list(mine.read_by(networks.opened(network))) == [2]


def page(client, query=""):
    answer = client.get(f"{URL}{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_without_drawings_the_page_says_how_to_come_by_some(owners):
    assert "Draw a digit, then say with one key" in page(owners)


def test_the_page_marks_what_a_network_reads_wrongly(owners, owner):
    kept(owner, (ONE, 1), (SEVEN, 4))
    whole = page(owners)
    assert whole.count('class="mark"') == 1
    assert "✗ 7" in whole
    own = stored(owner, 4)
    assert "✗ 4" in page(owners, f"?network={own.pk}")
    assert whole.count('name="drawing"') == 2


@pytest.mark.parametrize(
    ("query", "count"),
    [("?label=4", 1), ("?label=wrong", 1), ("?label=3", 0), ("?label=x", 2), ("?page=99", 2), ("?page=x", 2)],
)
def test_drawings_are_found_by_label_and_by_mistake(owners, owner, query, count):
    kept(owner, (ONE, 1), (SEVEN, 4))
    assert page(owners, query).count('name="drawing"') == count


def test_pages_are_of_bounded_size_and_the_queries_do_not_grow(
    owners, owner, monkeypatch, django_assert_max_num_queries
):
    monkeypatch.setattr(views, "TILES_A_PAGE", 5)
    kept(owner, *[(ONE, 1)] * 12)
    for _ in range(5):
        stored(owner, 1)
    with django_assert_max_num_queries(10):
        assert page(owners).count('name="drawing"') == 5
    assert page(owners, "?page=3").count('name="drawing"') == 2


def test_htmx_gets_the_part_that_changes(owners, owner):
    kept(owner, (ONE, 1))
    part = owners.get(URL, HTTP_HX_REQUEST="true").content.decode()
    assert 'id="my-digits"' in part
    assert "<html" not in part


def test_a_large_network_is_waited_for_only_on_demand(owners, owner, monkeypatch):
    kept(owner, (ONE, 2))
    monkeypatch.setattr("training.handwriting.scores.QUICK", 1)
    whole = page(owners)
    assert "Read them now" in whole
    assert "✗" not in whole.split('id="my-digits"')[1]
    assert "✗ 1" in page(owners, "?read=1")
    assert "✗ 1" in page(owners), "known by now"


def test_a_strangers_network_is_not_found(owners, stranger):
    assert owners.get(f"{URL}?network={stored(stranger, 1).pk}").status_code == 404
    assert owners.post(LEARN, {"network": stored(stranger, 1).pk}).status_code == 404


def test_each_network_is_scored_beside_its_test_accuracy_a_few_at_a_time(owners, owner, monkeypatch):
    kept(owner, (ONE, 1), (SEVEN, 7))
    own = [stored(owner, digit) for digit in (1, 2)]
    listed = owners.get("/networks/").content.decode()
    assert all(f'id="mine-{network.pk}"' in listed for network in own)
    assert SCORES in listed
    clock = iter(range(0, 1000, 2))
    monkeypatch.setattr(views, "monotonic", lambda: next(clock))
    monkeypatch.setattr(views, "PATIENCE", 3)
    first = owners.get(SCORES).content.decode()
    assert first.count("of my digits") == 1
    assert SCORES in first, "it goes on"
    second = owners.get(SCORES).content.decode()
    assert second.count("of my digits") == 2
    assert SCORES not in second
    assert ">1 of 2<" in second


def test_without_drawings_networks_are_listed_as_ever(owners, owner):
    stored(owner, 1)
    assert SCORES not in owners.get("/networks/").content.decode()


def start(client, **sent):
    answer = client.post(LEARN, {"network": "starter", "token": str(uuid.uuid4())} | sent)
    assert answer.status_code == 302
    return answer


def test_learning_is_a_run_like_any_that_starts_from_a_copy(owners, owner):
    kept(owner, (SEVEN, 1))
    answer = start(owners)
    run = Run.objects.get()
    assert answer.url == run.get_absolute_url()
    assert run.status == Status.QUEUED
    assert run.experiment.name == "My handwriting"
    assert run.dataset == Handwriting.objects.get().key
    assert bytes(run.initial.data) == networks.starter().data
    assert run.hyperparameters.layers == tuple(formats.load(networks.starter().data).layers[:-1])
    assert run.hyperparameters.augments
    assert run.estimated_seconds < 60
    assert "1 drawing of mine" in owners.get(answer.url).content.decode()


def test_a_form_sent_twice_starts_one_run(owners, owner):
    kept(owner, (SEVEN, 1))
    token = str(uuid.uuid4())
    assert start(owners, token=token).url == start(owners, token=token).url
    start(owners, token="no token")
    assert Run.objects.count() == 2


def test_what_was_learnt_already_is_answered_with_its_result(owners, owner):
    kept(owner, (SEVEN, 1))
    start(owners)
    Run.objects.update(status=Status.FINISHED)
    assert start(owners).url == Run.objects.get().get_absolute_url()


def refusal(client):
    answer = start(client)
    assert answer.url == URL
    assert not Run.objects.filter(status=Status.QUEUED, experiment__name="My handwriting").exists()
    return page(client)


def test_without_drawings_there_is_nothing_to_learn(owners):
    assert "draw some first" in refusal(owners)


def test_a_full_line_and_a_network_beyond_the_quota_are_refused(owners, owner, make_run, settings):
    kept(owner, (SEVEN, 1))
    settings.RUN_MEMORY = 1
    assert "of memory" in refusal(owners)
    make_run()
    limit(settings, waiting=1)
    assert "no more than 1 may be" in refusal(owners)


def test_a_form_from_elsewhere_starts_nothing(owner):
    from django.test import Client

    careful = Client(enforce_csrf_checks=True)
    careful.force_login(owner)
    assert careful.post(LEARN, {"network": "starter"}).status_code == 403
    assert not Run.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_worker_teaches_it_and_the_page_tells_before_and_after(owners, owner, monkeypatch):
    for name in ("changed", "line_moved"):
        monkeypatch.setattr(actors.notify, name, lambda *a, **k: None)
    oldest = kept(owner, (SEVEN, 1), (ONE, 1))[-1]
    run = Run.objects.get(pk=int(start(owners).url.split("/")[-2]))
    actors.train(run.pk)
    run.refresh_from_db()
    assert (run.status, run.reason) == (Status.FINISHED, "All epochs trained.")
    assert run.initial.test_accuracy > 0.9
    assert run.test_accuracy > run.initial.test_accuracy - 0.03, "little is forgotten"
    kept(owner, (ONE, 1))
    report = FineTuningReport.of(Run.objects.shown().get(), MyDigits.of(owner))
    assert [str(score) for score in (*report.learnt, *report.since)] == [
        "1 of 2",
        "2 of 2",
        "1 of 1",
        "1 of 1",
    ]
    assert [(each.label, each.before, each.after) for each in report.mistakes] == [(1, 7, 1)]
    assert (report.mended, report.mistake_count, report.spoilt) == (1, 1, [])
    told = owners.get(f"{run.get_absolute_url()}my-digits/").content.decode()
    assert "3 of 3" in told
    assert "1 of 1 old mistake mended" in told
    assert "My digits since, which it never saw" in told
    assert (
        f"on {run.confusion and sum(map(sum, run.confusion)):,} images of {datasets.load().title} that"
        in (owners.get(run.get_absolute_url()).content.decode())
    )
    assert owners.get(f"/train/?from={run.pk}").content.decode().count(f'value="{run.dataset}" selected') == 1
    oldest.delete()
    again = create(submission.again(run))
    actors.train(again.pk)
    again.refresh_from_db()
    assert again.status == Status.FAILED
    assert "1 of the 2 drawings to learn from was deleted." in again.reason


def test_a_run_that_learnt_nothing_of_mine_tells_its_score_only(owners, owner, run):
    result = f"{run.get_absolute_url()}my-digits/"
    assert owners.get(result).content.strip() == b"", "no drawings yet"
    kept(owner, (ONE, 1))
    assert owners.get(result).content.strip() == b"", "no network yet"
    stored(owner, 1, run=run)
    told = owners.get(result).content.decode()
    assert "1 of 1" in told
    assert "Before" not in told


def test_what_the_training_spoilt_is_told_too(owner, run):
    kept(owner, (ONE, 1))
    Run.objects.update(dataset=Handwriting.objects.take(owner).key)
    InitialNetwork.objects.create(run=run, name="n", data=formats.dump(answering(1)))
    stored(owner, 2, run=run)
    report = FineTuningReport.of(Run.objects.shown().get(), MyDigits.of(owner))
    assert [(each.before, each.after, each.is_right) for each in report.spoilt] == [(1, 2, False)]
    assert report.mistakes == []


def test_comparing_engines_survives_deleted_drawings(owners, owner, make_run):
    (drawing,) = kept(owner, (ONE, 1))
    key = Handwriting.objects.take(owner).key
    runs = [make_run(dataset=key, setup="s", engine=engine) for engine in ("numpy", "sklearn")]
    for run in runs:
        stored(owner, 1, run=run)
    drawing.delete()
    page = owners.get(reverse("training:versus", args=[runs[0].pk])).content.decode()
    assert all(run.name in page for run in runs)


def test_the_cache_of_answers_has_bounds():
    assert settings.CACHES["answers"]["OPTIONS"]["MAX_ENTRIES"] <= 10_000


def test_images_of_drawings_deleted_meanwhile_are_blank(owner):
    (drawing,) = kept(owner, (ONE, 1))
    mine = MyDigits.of(owner)
    drawing.delete()
    assert not np.any(mine.images)
