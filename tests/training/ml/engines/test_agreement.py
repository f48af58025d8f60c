"""Engines agree: from equal weights and batches they come to equal ends, and all that are installed are asked."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from digits import datasets
from digits.datasets import Split
from training.ml.config.hyperparameters import Hyperparameters
from training.ml.config.templates import TEMPLATES, dense
from training.ml.engines import ENGINES, Checkpoint, Diverged, Engine, Progress
from training.ml.nn import Network

INSTALLED = [name for name, engine in ENGINES.items() if not engine.missing]
OTHERS = [name for name in INSTALLED if name != "numpy"]
ALL_ACTIVATIONS = ("relu", "leaky_relu", "elu", "gelu", "tanh", "sigmoid", "linear", "softmax")
CASES: dict[str, dict[str, Any]] = {
    "perceptron": {"layers": (), "optimizer": "nesterov", "learning_rate": 0.01},
    "dense": {"layers": dense(20, 12), "l2": 1e-3, "schedule": "cosine", "warmup_epochs": 1},
    "activations": {
        "layers": tuple(layer for name in ALL_ACTIVATIONS for layer in dense(24, activation=name)),
        "label_smoothing": 0.1,
        "l1": 1e-4,
        "clip_norm": 0.5,
        "optimizer": "adamw",
    },
    "maps": {
        "layers": (
            {"type": "conv2d", "filters": 4, "kernel_size": 4, "strides": 2, "padding": "same"},
            {"type": "max_pooling", "pool_size": 2},
            {"type": "conv2d", "filters": 5, "kernel_size": 3, "activation": "softmax"},
            {"type": "average_pooling", "pool_size": 2},
            {"type": "flatten"},
        ),
        "optimizer": "adagrad",
        "learning_rate": 0.05,
        "loss": "hinge",
    },
    "normalised": {
        "layers": (
            {"type": "batch_normalization"},
            {"type": "conv2d", "filters": 4, "kernel_size": 5, "strides": 3, "activation": "tanh"},
            {"type": "batch_normalization"},
            {"type": "activation", "activation": "elu"},
            {"type": "flatten"},
            *dense(12, activation="tanh"),
            {"type": "batch_normalization"},
        ),
        "optimizer": "momentum",
        "learning_rate": 0.01,
        "loss": "quadratic",
        "batch_size": 23,  # which leaves a last batch of one image
    },
    "recurrent": {
        "layers": (
            {"type": "conv2d", "filters": 3, "kernel_size": 3, "strides": 3},
            {"type": "simple_rnn", "units": 12, "return_sequences": True, "activation": "elu"},
            {"type": "lstm", "units": 10, "return_sequences": True},
            {"type": "gru", "units": 8},
        ),
        "optimizer": "rmsprop",
        "clip_norm": 1.0,
    },
}
WHOLE: dict[str, dict[str, Any]] = {
    "MLP": {},
    "LeNet-like CNN": {"layers": TEMPLATES["LeNet-like CNN"]},
}
CHANCE: dict[str, Any] = {
    "layers": (
        {"type": "dropout", "rate": 0.2},
        *dense(20, dropout=0.3),
        {"type": "batch_normalization"},
    ),
    "schedule": "one_cycle",
}


def asked(more: dict[str, Any]) -> Hyperparameters:
    return Hyperparameters(**{"batch_size": 53, "epochs": 2, **more})


def able(names: list[str], cases: dict[str, dict[str, Any]]) -> list[tuple[str, str]]:
    return [(name, case) for name in names for case in cases if ENGINES[name].can_train(asked(cases[case]))]


def last(engine: Engine, *args: Any, **options: Any) -> Progress:
    *_, end = engine.fit(*args, **options)
    return end


def losses(engine: Engine, hyperparameters: Hyperparameters, train: Split, validation: Split) -> list[float]:
    points = [
        point for progress in engine.fit(hyperparameters, train, validation) for point in progress.points
    ]
    return [loss for point in points for loss in (point.train_loss, point.val_loss) if loss is not None]


def stochastic(name: str) -> Hyperparameters:
    """With all the chance that the engine knows."""
    hyperparameters = asked(CHANCE)
    return hyperparameters if ENGINES[name].can_train(hyperparameters) else asked({"schedule": "one_cycle"})


@pytest.mark.parametrize(("name", "case"), able(OTHERS, CASES))
def test_an_engine_comes_to_the_losses_of_our_own(
    name: str, case: str, train: Split, validation: Split
) -> None:
    hyperparameters = asked(CASES[case])

    expected = losses(ENGINES["numpy"], hyperparameters, train, validation)
    found = losses(ENGINES[name], hyperparameters, train, validation)

    np.testing.assert_allclose(found, expected, atol=1e-4)


@pytest.mark.parametrize(("name", "template"), able(OTHERS, WHOLE))
def test_after_an_epoch_losses_agree_and_the_network_predicts_as_its_framework(
    name: str, template: str
) -> None:
    dataset = datasets.load()
    some = dataset.train[:2000]
    train, validation = some[:-200], some[-200:]
    hyperparameters = Hyperparameters(**WHOLE[template], epochs=1)

    own = last(ENGINES["numpy"], hyperparameters, train, validation)
    end = last(ENGINES[name], hyperparameters, train, validation)

    assert end.points[-1].train_loss == pytest.approx(own.points[-1].train_loss, abs=1e-3)
    assert end.points[-1].val_loss == pytest.approx(own.points[-1].val_loss, abs=1e-3)
    trainer: Any = ENGINES[name].trainer(hyperparameters, end.network())
    images = dataset.test.images  # all of them
    predictions = trainer.predict(images.reshape(len(images), -1))
    np.testing.assert_allclose(end.network().predict(images), predictions, atol=1e-4)


@pytest.mark.parametrize("name", INSTALLED)
def test_a_run_that_was_interrupted_ends_with_the_same_weights(
    name: str, train: Split, validation: Split
) -> None:
    engine, hyperparameters = ENGINES[name], stochastic(name)

    whole = last(engine, hyperparameters, train, validation)
    blob = last(engine, hyperparameters, train, validation, until=13).checkpoint().to_bytes()
    resumed = last(engine, hyperparameters, train, validation, Checkpoint.from_bytes(blob))

    assert resumed.step == whole.step == 20
    np.testing.assert_allclose(resumed.network().parameters, whole.network().parameters, rtol=1e-6, atol=1e-6)
    assert resumed.points[-1].train_loss == pytest.approx(whole.points[-1].train_loss, abs=1e-6)


@pytest.mark.parametrize("name", INSTALLED)
def test_an_engine_starts_with_the_network_that_it_is_given(
    name: str, train: Split, validation: Split
) -> None:
    hyperparameters = stochastic(name)
    start = Network.for_hyperparameters(replace(hyperparameters, seed=7))
    before = start.parameters.copy()

    first = next(ENGINES[name].fit(hyperparameters, train, validation, initial=start))

    np.testing.assert_array_equal(first.network().parameters, before)
    assert first.network().parameters.dtype == np.float32
    np.testing.assert_array_equal(start.parameters, before)


@pytest.mark.parametrize("name", [name for name, _ in able(INSTALLED, {"chance": CHANCE})])
def test_dropout_changes_with_each_step_and_is_gone_in_validation(
    name: str, train: Split, validation: Split
) -> None:
    # Without a step worth the name every image keeps its loss.
    still = asked({"layers": dense(20), "learning_rate": 1e-30, "batch_size": len(train)})
    restless = replace(still, layers=dense(20, dropout=0.3))

    *_, expected = losses(ENGINES["numpy"], still, train, validation)
    start, val_start, first, val_first, second, val_second = losses(
        ENGINES[name], restless, train, validation
    )

    assert len({start, first, second}) == 3
    np.testing.assert_allclose([val_start, val_first, val_second], expected, rtol=1e-5)


def test_dropout_keeps_the_mean(train: Split) -> None:
    hyperparameters = asked({"layers": ({"type": "dropout", "rate": 0.3},), "optimizer": "sgd"})
    images, targets = train.images[:53].reshape(53, 784), np.eye(10, dtype=np.float32)[train.labels[:53]]
    for name, _ in able(OTHERS, {"chance": CHANCE}):
        trainer: Any = ENGINES[name].trainer(hyperparameters, Network.for_hyperparameters(hyperparameters))

        seeds = np.arange(400, dtype=np.uint32).reshape(200, 2)
        logits = [trainer.get(trainer.step(images, targets, seed, (0.0,))) for seed in seeds]

        # They spread by about 1 from step to step.
        np.testing.assert_allclose(np.mean(logits, axis=0), trainer.get(trainer.logits(images)), atol=0.5)
        assert 0.3 < np.std(logits, axis=0).mean() < 3


@pytest.mark.parametrize("name", INSTALLED)
def test_a_training_that_diverges_is_stopped(name: str, train: Split, validation: Split) -> None:
    hyperparameters = asked(
        {"optimizer": "sgd", "learning_rate": 10.0, "layers": dense(64, 64, activation="linear")}
    )

    with pytest.raises(Diverged, match="Try a lower learning rate: 1 instead of 10"):
        last(ENGINES[name], replace(hyperparameters, epochs=50), train, validation)
