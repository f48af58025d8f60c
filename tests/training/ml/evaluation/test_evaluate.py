"""The verdict over a split."""

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, log_loss

from digits.datasets import Split
from training.ml.config.hyperparameters import Hyperparameters
from training.ml.config.templates import dense
from training.ml.engines import evaluate
from training.ml.nn import Network, network


@pytest.fixture
def untrained() -> Network:
    return Network.for_hyperparameters(Hyperparameters(layers=dense(20)))


def test_the_verdict_agrees_with_scikit_learn(untrained: Network, train: Split) -> None:
    verdict = evaluate(untrained, train)

    probabilities = untrained.predict(train.images)
    predictions = probabilities.argmax(axis=1)
    assert np.array_equal(verdict.confusion, confusion_matrix(train.labels, predictions, labels=range(10)))
    assert verdict.confusion.dtype == np.int64
    assert verdict.accuracy == pytest.approx((predictions == train.labels).mean())
    assert verdict.loss == pytest.approx(log_loss(train.labels, probabilities, labels=range(10)), rel=1e-5)


def test_the_quadratic_loss_is_the_mean_of_half_the_squares(untrained: Network, train: Split) -> None:
    error = untrained.predict(train.images) - np.eye(10)[train.labels]
    expected = 0.5 * (error**2).sum(axis=1).mean()
    assert evaluate(untrained, train, "quadratic").loss == pytest.approx(expected, rel=1e-5)


def test_chunks_change_nothing(untrained: Network, train: Split, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = evaluate(untrained, train)
    monkeypatch.setattr(network, "CHUNK", 7)

    pieces = evaluate(untrained, train)

    assert np.array_equal(pieces.confusion, whole.confusion)
    assert pieces.loss == pytest.approx(whole.loss, rel=1e-5)
