"""The loop of a training: progress, points, resuming, and the ways it can fail."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from digits.datasets import Split
from tests.training.ml.conftest import Fit, curve
from training.ml.config.choices import INITIALIZERS, LOSSES, OPTIMIZERS
from training.ml.config.hyperparameters import Hyperparameters, InvalidHyperparameters
from training.ml.config.layer_types import ACTIVATIONS
from training.ml.config.templates import dense
from training.ml.engines import ENGINES, Checkpoint, Diverged, InvalidCheckpoint, Progress, evaluate, loop


def test_progress_leads_from_step_zero_to_the_last(fit: Fit, quick: Hyperparameters) -> None:
    progresses = fit(quick)

    assert (progresses[0].step, progresses[0].epoch) == (0, 0.0)
    assert progresses[-1].step == progresses[-1].steps == 17 * 3
    assert progresses[-1].epoch == progresses[-1].epochs == 3
    assert all(a.step < b.step and a.seconds <= b.seconds for a, b in pairwise(progresses))
    assert [p.epoch for p in progresses if p.epoch_ended] == [1, 2, 3]


def test_points_start_before_the_training_and_end_with_each_epoch(fit: Fit, quick: Hyperparameters) -> None:
    points = [point for progress in fit(quick) for point in progress.points]

    assert points[0].step == 0
    assert [p.epoch for p in points if p.val_loss is not None] == [0, 1, 2, 3]
    assert all((p.val_loss is None) == (p.val_accuracy is None) for p in points)
    assert all(a.step < b.step for a, b in pairwise(points))
    assert all(0 <= p.train_accuracy <= 1 and p.train_loss > 0 for p in points)


def test_points_are_told_once_however_often_progress_is(fit: Fit, quick: Hyperparameters) -> None:
    often, seldom = fit(quick, interval=0), fit(quick, interval=1e9)

    assert len(often) > len(seldom) == 1 + quick.epochs
    assert curve(often) == curve(seldom)


def test_points_are_the_means_of_what_was_trained(
    fit: Fit, quick: Hyperparameters, train: Split, validation: Split
) -> None:
    # Without a step worth the name every image keeps its loss.
    still = replace(quick, layers=dense(12, 8), learning_rate=1e-30, epochs=1, l2=0.0)

    progresses = fit(still)

    points = [point for progress in progresses for point in progress.points]
    verdict = evaluate(progresses[-1].network(), train)
    shares = np.diff([min(point.step * 32, 530) for point in points]) / 530
    assert np.dot(shares, [p.train_loss for p in points[1:]]) == pytest.approx(verdict.loss, rel=1e-5)
    assert np.dot(shares, [p.train_accuracy for p in points[1:]]) == pytest.approx(verdict.accuracy)
    assert points[-1].val_loss == evaluate(progresses[-1].network(), validation).loss


def test_the_losses_are_those_that_were_chosen(fit: Fit, quick: Hyperparameters, validation: Split) -> None:
    last = fit(replace(quick, loss="quadratic"))[-1]
    assert last.points[-1].val_loss == evaluate(last.network(), validation, "quadratic").loss


@pytest.mark.parametrize(
    ("field", "value"),
    [("layers", dense(24, activation=name)) for name in ACTIVATIONS if name != "softmax"]
    + [("initializer", name) for name in INITIALIZERS if name != "zeros"]
    + [("optimizer", name) for name in OPTIMIZERS]
    + [("loss", name) for name in LOSSES]
    + [("layers", dense(*sizes)) for sizes in ((), (30,), (16, 16, 16, 16))]
    + [("batch_size", size) for size in (1, 7, 530, 8192)],
)
def test_every_choice_learns(fit: Fit, field: str, value: Any) -> None:
    hyperparameters = Hyperparameters(
        **{"layers": dense(24), "batch_size": 10, "learning_rate": 3e-3, "epochs": 8, field: value}
    )
    rates = {"sgd": 0.05, "adagrad": 0.02, "adadelta": 1.0, "hinge": 1e-3}
    rate = rates.get(hyperparameters.optimizer, rates.get(hyperparameters.loss, 3e-3))
    hyperparameters = replace(hyperparameters, learning_rate=rate)
    if hyperparameters.batch_size > 100:
        hyperparameters = replace(hyperparameters, epochs=40)

    points = [point for progress in fit(hyperparameters, interval=1) for point in progress.points]

    assert points[-1].val_accuracy is not None
    assert points[-1].val_accuracy > 0.8
    assert points[-1].train_loss < points[0].train_loss / 2


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_same_seed_repeats_to_the_bit_and_another_differs(
    fit: Fit, quick: Hyperparameters, optimizer: str
) -> None:
    hyperparameters = replace(quick, optimizer=optimizer, learning_rate=0.01)
    one, same, other = fit(hyperparameters), fit(hyperparameters), fit(replace(hyperparameters, seed=1))

    assert curve(one) == curve(same) != curve(other)
    np.testing.assert_array_equal(one[-1].network().parameters, same[-1].network().parameters)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_run_interrupted_anywhere_ends_with_the_same_bits(
    fit: Fit, quick: Hyperparameters, train: Split, validation: Split, optimizer: str
) -> None:
    # given
    hyperparameters = replace(quick, optimizer=optimizer, learning_rate=0.01)
    undisturbed = fit(hyperparameters)
    places = len(undisturbed)

    for place in range(0, places, 3):
        # when: the loop is left there, and another one goes on from the bytes
        told = []
        for progress in ENGINES["numpy"].fit(hyperparameters, train, validation, interval=0):
            told.append(progress)
            if len(told) > place:
                break
        rest = fit(hyperparameters, Checkpoint.from_bytes(told[-1].checkpoint().to_bytes()))

        # then
        np.testing.assert_array_equal(rest[-1].network().parameters, undisturbed[-1].network().parameters)
        assert curve(told) + curve(rest)[place == 0 :] == curve(undisturbed)
        assert rest[0].step == told[-1].step
        assert rest[0].seconds >= told[-1].seconds


def test_a_finished_run_can_have_more_epochs(fit: Fit, quick: Hyperparameters) -> None:
    short, long = fit(quick), fit(replace(quick, epochs=5))

    more = fit(replace(quick, epochs=5), short[-1].checkpoint())

    assert more[0].points == ()
    assert curve(short) + curve(more) == curve(long)
    np.testing.assert_array_equal(more[-1].network().parameters, long[-1].network().parameters)


def test_resuming_a_finished_run_says_so_at_once(fit: Fit, quick: Hyperparameters) -> None:
    last = fit(quick)[-1]

    (again,) = fit(quick, last.checkpoint())

    assert again.step == again.steps
    np.testing.assert_array_equal(again.network().parameters, last.network().parameters)


SCRIPT = """
import hashlib, pathlib, sys
import numpy as np
from digits.datasets import Split
from training.ml.engines import ENGINES, Checkpoint
with np.load(sys.argv[1]) as kept:
    train = Split(kept["images"], kept["labels"])
checkpoint = Checkpoint.from_bytes(pathlib.Path(sys.argv[2]).read_bytes())
for progress in ENGINES["numpy"].fit(checkpoint.hyperparameters, train, train[:50], checkpoint): pass
assert "django" not in sys.modules
print(hashlib.sha256(progress.network().parameters.tobytes()).hexdigest())
"""


def test_another_process_goes_on_to_the_same_bits_and_without_django(
    quick: Hyperparameters, train: Split, tmp_path: Path, digest: Callable[[np.ndarray], str]
) -> None:
    # given
    progresses = []
    for progress in ENGINES["numpy"].fit(quick, train, train[:50], interval=0):
        progresses.append(progress)
        if len(progresses) == 12:
            (tmp_path / "checkpoint").write_bytes(progress.checkpoint().to_bytes())
    np.savez(tmp_path / "train.npz", images=train.images, labels=train.labels)

    # when
    command = [sys.executable, "-c", SCRIPT, f"{tmp_path}/train.npz", f"{tmp_path}/checkpoint"]
    other = subprocess.run(command, check=True, capture_output=True, text=True)

    # then
    assert other.stdout.strip() == digest(progress.network().parameters)


def test_what_progress_gives_is_a_copy(quick: Hyperparameters, train: Split, validation: Split) -> None:
    loop = ENGINES["numpy"].fit(quick, train, validation, interval=0)
    first = next(loop)
    network, checkpoint = first.network(), first.checkpoint()
    before = network.parameters.copy()

    for _ in loop:
        pass

    np.testing.assert_array_equal(network.parameters, before)
    np.testing.assert_array_equal(checkpoint.arrays["parameters"], before)


def test_time_spent_by_the_caller_does_not_count(
    quick: Hyperparameters, train: Split, validation: Split, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]
    monkeypatch.setattr(loop, "perf_counter", lambda: clock[0])

    seconds = []
    for progress in ENGINES["numpy"].fit(quick, train, validation):
        seconds.append(progress.seconds)
        clock[0] += 1000

    assert seconds == [0] * (1 + quick.epochs)


@pytest.mark.parametrize("loss", LOSSES)
def test_a_diverging_training_stops_at_once_with_advice(fit: Fit, loss: str) -> None:
    wild = Hyperparameters(
        layers=dense(16, 16, activation="linear"), optimizer="sgd", learning_rate=10, loss=loss, l2=1.0
    )
    with pytest.raises(Diverged) as caught:
        fit(wild)
    text = str(caught.value)
    assert text.startswith("The loss became infinite or undefined (NaN) in epoch ")
    assert text.endswith("Try a lower learning rate: 1 instead of 10.")


def test_diverging_recurrent_layers_are_advised_to_clip_their_gradients(fit: Fit) -> None:
    layers = ({"type": "simple_rnn", "units": 8, "activation": "linear"},)
    with pytest.raises(Diverged, match="1 instead of 10, or clip the gradients to a norm of 1"):
        fit(Hyperparameters(layers=layers, optimizer="sgd", learning_rate=10, l2=1.0))


def test_impossible_hyperparameters_are_refused_before_the_loop(train: Split, validation: Split) -> None:
    with pytest.raises(InvalidHyperparameters):
        ENGINES["numpy"].fit(Hyperparameters(epochs=0), train, validation)


def test_the_checkpoint_of_another_run_is_refused_before_the_loop(
    fit: Fit, quick: Hyperparameters, train: Split, validation: Split
) -> None:
    checkpoint = fit(quick)[-1].checkpoint()
    with pytest.raises(InvalidCheckpoint, match="another batch_size"):
        ENGINES["numpy"].fit(replace(quick, batch_size=10), train, validation, checkpoint)


def test_progress_shows_itself_without_its_training(fit: Fit, quick: Hyperparameters) -> None:
    last: Progress = fit(quick)[-1]
    assert repr(last).startswith("Progress(step=51, steps=51, epoch=3.0, epochs=3, ")
    assert "_training" not in repr(last)
