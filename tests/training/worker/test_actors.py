"""The worker's actor, called directly: no queue and no process between the test and the training."""

from dataclasses import replace

import numpy as np
import pytest
from django.utils import timezone

from digits import datasets
from tests.conftest import QUICK
from training.ml import formats
from training.ml.config.templates import dense
from training.ml.engines import ENGINES, evaluate, split
from training.models import InitialNetwork, LeaseLost, Network, Request, Run, Status
from training.worker import actors, recorder

# What the recorder's thread writes is to be seen by all.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def every_progress(monkeypatch):
    """Each progress of the engine is written before the next one comes, however quickly that is."""
    add = recorder.Recorder.add

    def add_and_settle(self, progress):
        add(self, progress)
        self.settle()

    monkeypatch.setattr(recorder, "INTERVAL", 0)
    monkeypatch.setattr(recorder.Recorder, "add", add_and_settle)


@pytest.fixture(autouse=True)
def quiet_events(monkeypatch):
    """Events on the channel layer have tests of their own."""
    told = []
    monkeypatch.setattr(
        actors.notify, "changed", lambda run, progress=False: told.append((run.pk, run.status))
    )
    monkeypatch.setattr(actors.notify, "line_moved", lambda: None)
    return told


def undisturbed(run: Run) -> np.ndarray:
    """The weights that the bare engine ends with."""
    hyperparameters = run.hyperparameters
    parts = split(datasets.load(run.dataset).train, hyperparameters)
    *_, progress = ENGINES["numpy"].fit(hyperparameters, *parts)
    return progress.network().parameters


def trained(run: Run) -> np.ndarray:
    run.refresh_from_db()
    return formats.load(bytes(run.network.data)).parameters


def test_a_run_is_trained_and_all_of_it_kept(run, quiet_events):
    actors.train(run.pk)
    run.refresh_from_db()
    assert run.status == Status.FINISHED
    assert run.step == run.steps > 0
    assert run.test_accuracy == pytest.approx(run.network.test_accuracy)
    assert np.trace(run.confusion) / np.sum(run.confusion) == pytest.approx(run.test_accuracy)
    assert run.best_val_accuracy >= run.last_val_accuracy
    assert run.points.filter(val_accuracy__isnull=False).count() == 3  # before the first epoch and after each
    assert run.lines.last().text.startswith("All epochs trained. Test accuracy")
    assert quiet_events[-1] == (run.pk, Status.FINISHED)
    assert np.array_equal(trained(run), undisturbed(run))


def test_a_message_that_comes_twice_trains_once(run):
    actors.train(run.pk)
    finished = Run.objects.get(pk=run.pk).finished_at
    actors.train(run.pk)
    assert Run.objects.get(pk=run.pk).finished_at == finished


def test_whoever_waits_longest_is_trained_first(make_run):
    second = make_run()
    first = make_run(queued_at=timezone.now() - timezone.timedelta(hours=1))
    assert (first.place_in_line, second.place_in_line) == (1, 2)
    actors.train(second.pk)
    assert Run.objects.get(pk=first.pk).status == Status.FINISHED
    assert Run.objects.get(pk=second.pk).status == Status.QUEUED


def interrupted(run: Run, monkeypatch, asked: Request, at: int) -> None:
    """Train until progress number `at`, then asked."""
    seen = []
    keep = recorder.keep

    def keep_and_ask(run, progress, *news):
        seen.append(progress.step)
        if len(seen) == at:
            Run.objects.filter(pk=run.pk).update(request=asked)
        keep(run, progress, *news)

    monkeypatch.setattr(recorder, "keep", keep_and_ask)
    actors.train(run.pk)
    monkeypatch.setattr(recorder, "keep", keep)


def test_a_paused_run_ends_with_the_weights_of_an_undisturbed_one(run, monkeypatch):
    interrupted(run, monkeypatch, Request.PAUSE, at=2)
    run.refresh_from_db()
    assert run.status == Status.PAUSED
    assert 0 < run.step < run.steps
    assert run.resume()
    actors.train(run.pk)
    assert np.array_equal(trained(run), undisturbed(run))


def test_a_pause_thought_better_of_puts_the_run_back_in_line(run, monkeypatch):
    sent, leave = [], actors._leave

    def leave_late(run, progress):
        Run.objects.get(pk=run.pk).resume()
        leave(run, progress)

    monkeypatch.setattr(actors, "_leave", leave_late)
    monkeypatch.setattr(actors, "enqueue", sent.append)
    interrupted(run, monkeypatch, Request.PAUSE, at=2)
    run.refresh_from_db()
    assert run.status == Status.QUEUED
    assert sent == [run]
    actors.train(run.pk)
    assert np.array_equal(trained(run), undisturbed(run))


def test_stop_and_keep_leaves_a_tested_network(run, monkeypatch):
    interrupted(run, monkeypatch, Request.STOP, at=2)
    run.refresh_from_db()
    assert run.status == Status.STOPPED
    assert run.network.test_accuracy is not None
    assert "Stopped by you" in run.reason


def test_a_paused_run_that_is_stopped_is_tested_by_the_next_worker(run, monkeypatch):
    interrupted(run, monkeypatch, Request.PAUSE, at=2)
    run.refresh_from_db()
    step = run.step
    assert run.stop()
    actors.train(run.pk)
    run.refresh_from_db()
    assert (run.status, run.step) == (Status.STOPPED, step)
    assert run.network.test_accuracy == run.test_accuracy


def test_a_worker_that_shuts_down_puts_its_run_back_in_line(run, monkeypatch):
    actors.stopping.clear()
    waiting_since = run.queued_at
    announce = actors._announce
    monkeypatch.setattr(actors, "_announce", lambda *arguments: actors.stopping.set())
    actors.train(run.pk)
    actors.stopping.clear()
    monkeypatch.setattr(actors, "_announce", announce)
    run.refresh_from_db()
    assert (run.status, run.queued_at, run.lease) == (Status.QUEUED, waiting_since, None)
    actors.train(run.pk)
    assert np.array_equal(trained(run), undisturbed(run))


def test_a_run_goes_on_where_its_vanished_worker_left_it(run, monkeypatch, settings):
    """The worker dies after the first epoch: nothing of its process runs any more, and its lease goes stale."""

    class Killed(BaseException):
        pass

    keep = recorder.keep

    def keep_and_die(run, progress, points, checkpoint, best):
        keep(run, progress, points, checkpoint, best)
        if checkpoint:
            raise Killed

    monkeypatch.setattr(recorder, "keep", keep_and_die)
    with pytest.raises(Killed):
        actors.train(run.pk)
    monkeypatch.setattr(recorder, "keep", keep)
    monkeypatch.setattr(actors, "enqueue", lambda run: None)
    assert not Run.objects.take_back(), "its lease still holds"
    Run.objects.update(heartbeat_at=timezone.now() - timezone.timedelta(seconds=settings.RUN_LEASE + 1))
    actors.watch()
    run.refresh_from_db()
    assert run.status == Status.QUEUED
    assert "vanished" in run.lines.last().text
    actors.train(run.pk)
    assert Run.objects.get(pk=run.pk).status == Status.FINISHED
    assert np.array_equal(trained(run), undisturbed(run))


def test_a_worker_that_lost_its_lease_writes_no_more(run):
    mine = Run.objects.claim("slow")
    Run.objects.filter(pk=run.pk).update(heartbeat_at=timezone.now() - timezone.timedelta(hours=1))
    Run.objects.take_back()
    Run.objects.claim("quick")
    with pytest.raises(LeaseLost):
        mine.write(step=7)
    assert Run.objects.get(pk=run.pk).step == 0


def test_a_run_deleted_while_it_trains_ends_quietly(run, monkeypatch):
    keep = recorder.keep

    def keep_and_delete(run, *news):
        keep(run, *news)
        Run.objects.filter(pk=run.pk).delete()

    monkeypatch.setattr(recorder, "keep", keep_and_delete)
    actors.train(run.pk)
    assert not Run.objects.exists()


def test_a_diverging_run_fails_with_what_to_try_and_keeps_its_curves(make_run):
    from training.ml.config.hyperparameters import Hyperparameters

    wild = Hyperparameters(
        layers=dense(16, activation="linear"), optimizer="sgd", learning_rate=10, loss="cross_entropy",
        training_images=500, batch_size=10, epochs=50, initializer="normal",
    )  # fmt: skip
    run = make_run(wild)
    actors.train(run.pk)
    run.refresh_from_db()
    assert run.status == Status.FAILED
    assert "learning rate" in run.reason
    assert run.points.exists()


def test_impossible_hyperparameters_are_refused_by_the_actor_too(make_run):
    run = make_run()
    Run.objects.update(hyperparameters_json={**run.hyperparameters_json, "batch_size": 0})
    actors.train(run.pk)
    run.refresh_from_db()
    assert run.status == Status.FAILED
    assert "batch_size" in run.reason


def test_an_engine_that_crashes_leaves_a_readable_reason(run, monkeypatch):
    class Broken:
        footprint = 0

        def fit(self, *arguments, **more):
            raise RuntimeError("out of cheese")
            yield

    monkeypatch.setitem(ENGINES, "numpy", Broken())
    actors.train(run.pk)
    run.refresh_from_db()
    assert run.status == Status.FAILED
    assert "out of cheese" in run.reason


def test_an_engine_that_crashes_midway_leaves_the_curves_so_far(run, monkeypatch):
    whole = ENGINES["numpy"]

    class Breaking:
        footprint = 0

        def fit(self, *arguments, **more):
            progresses = whole.fit(*arguments, **more)
            yield next(progresses)
            yield next(progresses)
            raise MemoryError("no memory left")

    monkeypatch.setitem(ENGINES, "numpy", Breaking())
    monkeypatch.setattr(recorder, "INTERVAL", 60)
    actors.train(run.pk)
    run.refresh_from_db()
    assert (run.status, run.reason) == (
        Status.FAILED,
        "The numpy engine crashed: MemoryError: no memory left",
    )
    assert run.points.count() > 1


def test_a_run_that_fails_in_its_last_write_fails_readably(run, monkeypatch):
    def broken(*arguments):
        raise RuntimeError("no room")

    monkeypatch.setattr("training.worker.result._keep_network", broken)
    actors.train(run.pk)
    run.refresh_from_db()
    assert (run.status, run.reason) == (Status.FAILED, "The numpy engine crashed: RuntimeError: no room")
    assert run.lease is None


@pytest.mark.parametrize(("advance", "steps"), [(Run.train_batch, 1), (Run.train_epoch, 9)])
def test_a_paused_run_is_trained_step_by_step(make_run, advance, steps):
    run = make_run(replace(QUICK, epochs=3), status=Status.PAUSED)
    for times in (1, 2):
        assert advance(run)
        actors.train(run.pk)
        run.refresh_from_db()
        assert (run.status, run.request, run.step) == (Status.PAUSED, Request.NONE, times * steps)
        assert run.points.last().step == times * steps
    assert run.resume()
    actors.train(run.pk)
    assert np.array_equal(trained(run), undisturbed(run))


def test_the_learning_rate_may_change_on_the_way_and_a_lost_worker_repeats_it(run, monkeypatch):
    Run.objects.update(status=Status.PAUSED, setup="as it was started")
    run.refresh_from_db()
    assert run.train_epoch()
    actors.train(run.pk)
    run.refresh_from_db()
    before = bytes(run.checkpoint.data)
    assert run.change_rate(0.01)
    assert run.resume()
    actors.train(run.pk)
    run = Run.objects.get(pk=run.pk)
    assert run.hyperparameters.learning_rate_changes == ((9, 0.01),)
    assert (run.requested_rate, run.learning_rate, run.setup) == (None, 0.01, "")
    assert "Learning rate 0.01 from epoch 1.00 on." in run.lines.values_list("text", flat=True)
    weights = trained(run)
    plain = replace(run.hyperparameters, learning_rate_changes=())
    parts = split(datasets.load(run.dataset).train, plain)
    *_, progress = ENGINES["numpy"].fit(plain, *parts)
    assert not np.array_equal(weights, progress.network().parameters)
    assert np.array_equal(weights, undisturbed(run)), "the change is part of the hyperparameters"
    assert len(before)


def test_a_finished_run_trains_on_and_ends_as_if_it_had_never_paused(run):
    Run.objects.update(setup="as it was started")
    actors.train(run.pk)
    run.refresh_from_db()
    assert run.train_on(3)
    assert run.setup == ""
    assert run.hyperparameters.epochs == 5
    actors.train(run.pk)
    run = Run.objects.get(pk=run.pk)
    assert (run.status, run.epoch) == (Status.FINISHED, 5)
    assert run.points.filter(val_accuracy__isnull=False).count() == 6
    assert np.array_equal(trained(run), undisturbed(run))


def test_a_paused_run_is_rewound_to_the_same_initial_weights(run):
    Run.objects.update(status=Status.PAUSED)
    run.refresh_from_db()
    run.train_epoch()
    actors.train(run.pk)
    run.refresh_from_db()
    assert run.rewind()
    assert (run.status, run.step, run.best_val_accuracy) == (Status.PAUSED, 0, None)
    assert not run.points.exists()
    run.resume()
    actors.train(run.pk)
    assert np.array_equal(trained(run), undisturbed(run))


def test_the_best_epoch_s_network_is_kept_beside_the_last(make_run):
    overfitting = replace(QUICK, learning_rate=0.05, epochs=8, monitor="val_accuracy")
    run = make_run(overfitting)
    actors.train(run.pk)
    run = Run.objects.get(pk=run.pk)
    assert run.best_epoch < 8
    best = formats.load(bytes(run.best_network.data))
    _, validation = split(datasets.load(run.dataset).train, overfitting)
    assert evaluate(best, validation).accuracy == pytest.approx(run.best_val_accuracy)
    assert run.best_network.test_accuracy is not None
    assert run.train_on(1)
    actors.train(run.pk)
    assert Network.objects.filter(best_of=run).count() <= 1


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ({"target_accuracy": 0.3}, "reached, 30.00% wanted."),
        (
            {"patience": 1, "learning_rate": 1e-9, "monitor": "val_accuracy"},
            "No higher validation accuracy for 1 epochs.",
        ),
        ({"max_seconds": 1e-3 + 1, "epochs": 1000}, "1.001 seconds trained."),
    ],
)
def test_a_stop_rule_ends_a_run_and_says_why(make_run, rule, reason):
    run = make_run(replace(QUICK, **({"epochs": 50} | rule)))
    actors.train(run.pk)
    run.refresh_from_db()
    assert run.status == Status.FINISHED
    assert run.reason.endswith(reason)
    assert run.step < run.steps
    assert run.test_accuracy is not None


def test_a_run_starts_from_the_network_it_was_given(run, make_run):
    actors.train(run.pk)
    run.refresh_from_db()
    other = make_run(replace(QUICK, learning_rate=1e-30, seed=9))
    InitialNetwork.objects.create(run=other, name="n", data=run.network.data)
    actors.train(other.pk)
    other.refresh_from_db()
    np.testing.assert_allclose(trained(other), trained(run), atol=1e-6)


def test_an_idle_worker_finds_a_run_whose_message_was_lost(run, monkeypatch):
    sent = []
    monkeypatch.setattr(actors, "enqueue", sent.append)
    actors.watch()
    assert sent == [run]


def test_the_best_epoch_is_the_one_whose_network_is_kept(run):
    Run.objects.update(hyperparameters_json={**run.hyperparameters_json, "monitor": "val_loss", "epochs": 4})
    actors.train(run.pk)
    run = Run.objects.get()
    judged = [p for p in run.points.all() if p.val_loss is not None and p.epoch > 0]
    lowest = min(judged, key=lambda point: point.val_loss)
    assert (run.best_epoch, run.best_val_accuracy) == (lowest.epoch, lowest.val_accuracy)
    assert run.last_val_accuracy == judged[-1].val_accuracy
