"""Who is next: fair between people, the same for those who claim and for those who look at their place."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from tests.at_once import at_once
from tests.quotas import limit
from training.models import Experiment, Run, Status
from training.models.queue import MOST_ATTEMPTS
from training.worker import submission
from training.worker.submission import Refused
from tryml.accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def queue(make_run):
    """Makes a queued run of a user, by name, that has waited for so many seconds."""

    def add(name: str, waited: float = 0, **more) -> Run:
        user, _ = User.objects.get_or_create(username=name, defaults={"is_guest": name.startswith("guest")})
        experiment, _ = Experiment.objects.get_or_create(owner=user, name="x")
        since = timezone.now() - timedelta(seconds=waited)
        return make_run(experiment=experiment, name=name, queued_at=since, **more)

    return add


def order() -> list[str]:
    return [run.name for run in Run.objects.in_line()]


def test_a_single_run_does_not_wait_for_all_runs_of_another_user(queue):
    for waited in range(10, 5, -1):
        queue("many", waited)
    queue("single", 1)
    assert order() == ["many", "single", "many", "many", "many", "many"]


def test_who_was_served_last_waits_even_if_nothing_of_theirs_runs(queue):
    queue("many", 100, status=Status.FINISHED, heartbeat_at=timezone.now())
    queue("many", 90)
    queue("single", 1)
    assert order() == ["single", "many"]


def test_who_has_fewer_running_goes_first(queue):
    queue("busy", 100, status=Status.RUNNING, heartbeat_at=timezone.now() - timedelta(hours=1))
    queue("busy", 90)
    queue("idle", 1)
    assert order() == ["idle", "busy"]


def test_users_take_turns_until_all_are_served(queue):
    for name in ("a", "a", "b", "a", "c"):
        queue(name, 10)
    served = []
    while run := Run.objects.claim("w"):
        served.append(run.name)
        Run.objects.filter(pk=run.pk).update(status=Status.FINISHED, heartbeat_at=timezone.now())
    assert served == ["a", "b", "c", "a", "a"]


def test_guests_wait_behind_members_but_not_for_ever(queue):
    queue("guest", 30)
    queue("member", 10)
    assert order() == ["member", "guest"]
    Run.objects.filter(name="guest").update(queued_at=timezone.now() - timedelta(minutes=2))
    assert order() == ["guest", "member"]


def test_a_run_that_its_worker_left_goes_on_first(queue):
    queue("a", 100)
    left = queue("b", 50, started_at=timezone.now(), attempts=1)
    assert order() == ["b", "a"]
    Run.objects.filter(pk=left.pk).update(fruitless=1)  # its worker vanished: it may be the run's fault
    assert order() == ["a", "b"]


def test_runs_beyond_the_quota_of_running_ones_wait(queue, settings):
    limit(settings, running=1)
    queue("a", 100, status=Status.RUNNING, heartbeat_at=timezone.now())
    waiting = queue("a", 90)
    assert Run.objects.claim("w") is None
    Run.objects.places([waiting])
    assert waiting.place_in_line == 1


def test_the_place_shown_is_the_place_in_which_it_is_claimed(queue):
    runs = [queue(name, waited) for name, waited in (("a", 9), ("a", 8), ("b", 7), ("guest", 99), ("c", 1))]
    places = {run.pk: run.place_in_line for run in runs}
    assert sorted(places.values()) == [1, 2, 3, 4, 5]
    claimed = []
    while run := Run.objects.claim("w"):
        claimed.append(run.pk)
    assert claimed == sorted(places, key=places.__getitem__)


def test_places_of_many_runs_are_read_at_once(queue, django_assert_num_queries):
    runs = [queue("a", waited) for waited in range(20)]
    with django_assert_num_queries(1):
        Run.objects.places(runs)
    with django_assert_num_queries(0):
        assert [run.place_in_line for run in runs] == list(range(20, 0, -1))


def test_a_run_whose_row_is_held_does_not_keep_the_others_waiting(queue, django_db_blocker):
    queue("a", 2)
    queue("b", 1)
    assert Run.objects.claim("w").name == "a"
    assert Run.objects.claim("w").name == "b"
    assert Run.objects.claim("w") is None


@pytest.mark.django_db(transaction=True)
def test_many_workers_that_claim_at_once_take_a_run_each_and_users_in_turns(queue):
    for waited in range(6):
        queue("many", 100 + waited)
    queue("single", 1)
    claimed = at_once([lambda: Run.objects.claim("w")] * 3)
    assert len({run.pk for run in claimed}) == 3
    assert sorted(run.name for run in claimed) == ["many", "many", "single"]


def silence(run: Run) -> Run:
    """Let the worker of the run be silent for some time, and take the run back."""
    Run.objects.filter(pk=run.pk).update(heartbeat_at=timezone.now() - timedelta(seconds=10))
    (taken,) = Run.objects.take_back()
    return taken


def test_a_run_that_ends_its_workers_fails_after_three_attempts(queue):
    queue("poison", 100)
    others = [queue("other", 50)]
    for _ in range(MOST_ATTEMPTS - 1):
        run = Run.objects.claim("w")
        while run.name != "poison":
            run = Run.objects.claim("w")
        assert silence(run).status == Status.QUEUED
    assert Run.objects.filter(pk=others[0].pk, status=Status.RUNNING).exists(), "others go on meanwhile"
    run = Run.objects.claim("w")
    failed = silence(run)
    assert (failed.status, failed.lease) == (Status.FAILED, run.lease)
    failed.refresh_from_db()
    assert (failed.status, failed.lease) == (Status.FAILED, None)
    assert "3 times" in failed.reason
    assert "smaller batches" in failed.reason


def test_an_attempt_that_came_to_a_checkpoint_counts_for_nothing(queue):
    queue("slow", 100)
    for _ in range(MOST_ATTEMPTS + 2):
        run = Run.objects.claim("w")
        run.write(fruitless=0)  # as the recorder does with each checkpoint
        assert silence(run).status == Status.QUEUED


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("change", [Run.resume, Run.train_batch, Run.train_epoch])
def test_no_way_back_into_the_queue_overfills_it(make_run, settings, change):
    limit(settings, waiting=2)
    runs = [make_run(status=Status.PAUSED) for _ in range(4)]
    answers = at_once(partial(submission.bring_back, run, change) for run in runs)
    assert Run.objects.filter(status=Status.QUEUED).count() == 2
    assert sum(isinstance(answer, Refused) for answer in answers) == 2
