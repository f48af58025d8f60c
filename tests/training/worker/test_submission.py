"""Starting a run: once for one form, within the quotas, not again for what was trained before."""

from dataclasses import replace
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from digits import datasets
from tests.at_once import at_once
from tests.conftest import QUICK
from tests.quotas import limit
from training.models import Checkpoint, InitialNetwork, Run, Status
from training.worker import submission
from training.worker.submission import Outcome, Refused, Submission, create, submit
from tryml.monitoring.models import Event


@pytest.fixture(autouse=True)
def sent(monkeypatch) -> list[Run]:
    """The runs of which workers hear."""
    runs: list[Run] = []
    monkeypatch.setattr(submission, "enqueue", runs.append)
    return runs


@pytest.fixture
def wanted(owner) -> Submission:
    return Submission(
        owner=owner,
        experiment="First steps",
        hyperparameters=QUICK,
        engine="numpy",
        dataset=datasets.load().name,
    )


def finish(run: Run, **more: Any) -> None:
    Run.objects.filter(pk=run.pk).update(status=Status.FINISHED, epoch=1, seconds=1, **more)


@pytest.mark.django_db
def test_a_run_is_queued_told_of_and_recorded(wanted, sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        run, outcome = submit(wanted)
    assert (outcome, run.status, run.name, run.experiment.name) == (
        Outcome.STARTED,
        Status.QUEUED,
        "Run 1",
        "First steps",
    )
    assert run.estimated_seconds == wanted.estimate.seconds > 0
    assert sent == [run]
    assert Event.objects.get(kind="run queued").run == run.pk


@pytest.mark.django_db
def test_a_form_sent_twice_starts_one_run(wanted, settings):
    run, _ = submit(wanted)
    limit(settings, waiting=1)  # the first has filled the queue
    assert submit(wanted) == (run, Outcome.SENT_TWICE)
    assert Run.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_twice_at_once_starts_one_run(wanted):
    answers = at_once([lambda: submit(wanted)] * 2)
    assert {run.pk for run, _ in answers} == {Run.objects.get().pk}
    assert {outcome for _, outcome in answers} == {Outcome.STARTED, Outcome.SENT_TWICE}


@pytest.mark.django_db(transaction=True)
def test_many_requests_at_once_do_not_overfill_the_queue(wanted, settings):
    limit(settings, waiting=2)
    others = [replace(wanted, hyperparameters=replace(QUICK, seed=seed), token=uuid4()) for seed in range(4)]
    answers = at_once(partial(submit, other) for other in others)
    refused = [str(answer) for answer in answers if isinstance(answer, Refused)]
    assert Run.objects.count() == 2
    assert len(refused) == 2
    assert "2 of your runs are queued, and no more than 2 may be." in refused[0]


@pytest.mark.django_db
def test_what_was_trained_before_is_answered_with_its_result_unless_asked_anew(wanted):
    run, _ = submit(wanted)
    finish(run)
    same = replace(wanted, token=submission.uuid4())
    assert submit(same) == (run, Outcome.TRAINED_BEFORE)
    other, outcome = submit(same, anew=True)
    assert outcome is Outcome.STARTED
    assert other != run


@pytest.mark.django_db
def test_a_run_that_its_time_ended_is_no_answer(wanted):
    limited = replace(wanted, hyperparameters=replace(QUICK, max_seconds=1.0))
    run, _ = submit(limited)
    finish(run)
    assert submit(replace(limited, token=submission.uuid4())).outcome is Outcome.STARTED


@pytest.mark.django_db
def test_another_users_result_is_no_answer(wanted, stranger):
    run, _ = submit(wanted)
    finish(run)
    theirs, outcome = submit(replace(wanted, owner=stranger, token=submission.uuid4()))
    assert outcome is Outcome.STARTED
    assert theirs.experiment.owner == stranger


@pytest.mark.django_db
def test_a_token_of_another_users_form_starts_nothing(wanted, stranger):
    run, _ = submit(wanted)
    with pytest.raises(Refused, match="sent before by somebody else"):
        submit(replace(wanted, owner=stranger))
    assert list(Run.objects.all()) == [run]


@pytest.mark.django_db(transaction=True)
def test_more_epochs_at_once_do_not_overfill_the_queue(make_run, settings):
    limit(settings, waiting=1)
    runs = [make_run(status=Status.FINISHED, epoch=1, seconds=1, step=1) for _ in range(3)]
    for run in runs:
        Checkpoint.keep(run, 1, b"")
    answers = at_once(partial(submission.train_on, run, 1) for run in runs)
    assert Run.objects.filter(status=Status.QUEUED).count() == 1
    assert sum(isinstance(answer, Refused) for answer in answers) == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("setting", "value", "text"),
    [
        ("seconds", 0.001, "a run may take 0.0 s. Choose fewer epochs"),
        ("memory", 1000, "of memory, and a run may take 1000"),
        ("waiting", 0, "no more than 0 may be"),
        ("parameters", 10, "parameters, and yours may have 10"),
        ("epochs", 1, "may have 1 epochs in all"),
        ("storage", 1000, "and you have 1000"),
    ],
)
def test_each_quota_is_named_when_a_run_is_beyond_it(wanted, settings, setting, value, text):
    if setting == "memory":
        settings.RUN_MEMORY = value
    else:
        limit(settings, **{setting: value})
    with pytest.raises(Refused) as error:
        submit(wanted)
    assert text in str(error.value).replace("\xa0", " ")
    assert not Run.objects.exists()


@pytest.mark.django_db
def test_an_engine_that_can_not_train_it_is_refused(wanted):
    recurrent = replace(QUICK, layers=({"type": "gru", "units": 4},))
    with pytest.raises(Refused, match="scikit-learn"):
        submit(replace(wanted, hyperparameters=recurrent, engine="sklearn"))


@pytest.mark.django_db
def test_the_same_again_is_a_run_of_its_own(make_run):
    run = make_run(status=Status.FINISHED)
    InitialNetwork.objects.create(run=run, name="n", data=b"weights")
    again = create(submission.again(run))
    assert again.pk != run.pk
    assert again.experiment == run.experiment
    assert (again.status, again.hyperparameters) == (Status.QUEUED, run.hyperparameters)
    assert bytes(again.initial.data) == b"weights"
    assert again.name == "Run 1, again"
    elsewhere = create(submission.again(run, "sklearn"))
    assert create(submission.again(elsewhere, "numpy")).name == "Run 1, NumPy", "not one name after the other"


@pytest.mark.django_db
@pytest.mark.parametrize(("setting", "value"), [("seconds", 5), ("waiting", 0), ("epochs", 1)])
def test_again_and_more_epochs_keep_to_the_quotas_too(make_run, settings, setting, value):
    run = make_run(replace(QUICK, epochs=1), status=Status.FINISHED, epoch=1, seconds=4, step=1)
    Checkpoint.keep(run, 1, b"")
    limit(settings, **{setting: value})
    with pytest.raises(Refused):
        submission.train_on(run, 1)
    limit(settings, **{setting: 0 if setting != "seconds" else 0.001})
    with pytest.raises(Refused):
        submit(submission.again(run), anew=True)
    run.refresh_from_db()
    assert run.status == Status.FINISHED
