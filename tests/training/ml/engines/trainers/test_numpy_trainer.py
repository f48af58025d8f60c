"""What is particular to the engine of our own."""

import tracemalloc

import numpy as np

from digits.datasets import Split
from training.ml.config.hyperparameters import Hyperparameters
from training.ml.config.templates import dense
from training.ml.engines import ENGINES
from training.ml.engines.trainers.numpy_trainer import NumpyTrainer
from training.ml.nn import Network

RATES = [1e-3] * 10  # of a block of ten steps


def trainer_of(hyperparameters: Hyperparameters) -> NumpyTrainer:
    return NumpyTrainer(hyperparameters, Network.for_hyperparameters(hyperparameters))


def block(train: Split) -> tuple[np.ndarray, np.ndarray]:
    return train.images.reshape(-1, 784)[:320], train.labels[:320]


def test_a_block_reports_the_sum_of_losses_and_the_right_answers(train: Split) -> None:
    trainer = trainer_of(Hyperparameters(layers=dense(), initializer="zeros", batch_size=320))
    images, labels = block(train)

    loss, correct = trainer.train(images, labels, 0, RATES[:1])

    np.testing.assert_allclose(loss, 320 * np.log(10))  # every digit is as likely as any other
    assert correct == np.count_nonzero(labels == 0)


def test_blocks_and_single_steps_lead_to_the_same_weights(train: Split) -> None:
    hyperparameters = Hyperparameters(batch_size=32, layers=dense(20))
    at_once, one_by_one = trainer_of(hyperparameters), trainer_of(hyperparameters)
    images, labels = block(train)

    at_once.train(images, labels, 0, RATES)
    for step in range(10):
        rows = slice(step * 32, step * 32 + 32)
        one_by_one.train(images[rows], labels[rows], step, RATES[:1])

    np.testing.assert_array_equal(at_once.network().parameters, one_by_one.network().parameters)


def test_steps_allocate_next_to_nothing(train: Split) -> None:
    trainer = trainer_of(Hyperparameters(batch_size=32, layers=dense(256, 128, dropout=0.1)))
    images, labels = block(train)
    trainer.train(images, labels, 0, RATES)

    tracemalloc.start()
    trainer.train(images, labels, 10, RATES)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    # One array as long as the parameters has 940,000 bytes, one of a batch's activations 32,000.
    assert peak < 300_000


def test_the_engine_has_a_name_for_people() -> None:
    assert ENGINES["numpy"].label == "NumPy"
