import numpy as np

from training.ml.config.hyperparameters import Hyperparameters
from training.ml.config.templates import dense
from training.ml.engines import Evaluation
from training.ml.nn import Network
from training.ml.starter.model_card import Measurement, ModelCard


def card(confusion):
    hyperparameters = Hyperparameters(layers=dense(16), seed=3, epochs=2)
    accuracy = confusion.trace() / confusion.sum()
    return str(
        ModelCard(
            "Small network",
            "make network",
            Network.for_hyperparameters(hyperparameters),
            1234,
            hyperparameters,
            ["One set.", "Another set."],
            [Measurement("Test images", Evaluation(0.1, float(accuracy), confusion))],
            {"letters": 0.871},
        )
    )


def test_a_card_tells_what_made_the_network():
    text = card(np.eye(10, dtype=np.int64))

    assert "Architecture: dense 16 – dense 10; 12,730 parameters" in text
    assert "- letters: 87.1 % are taken for no digit" in text
    assert "1,234 bytes" in text
    assert "`make network`" in text
    assert "Seed 3, 2 epochs" in text
    assert "- One set.\n- Another set." in text


def test_a_card_tells_the_score_by_digit_and_the_worst_confusions_first():
    confusion = np.diag(np.full(10, 8))
    confusion[4, 9], confusion[7, 1] = 2, 1

    text = card(confusion)

    assert "**96.39 %** of 83 are read right." in text
    assert "| read right | 100.0 % | 100.0 % | 100.0 % | 100.0 % | 80.0 % |" in text
    assert "Most frequent mistakes: 4 read as 9 (2×), 7 read as 1 (1×)." in text


def test_a_digit_that_was_not_measured_has_no_share():
    confusion = np.diag([0, *[5] * 9])

    text = card(confusion)

    assert "| read right | – | 100.0 % |" in text
    assert "Most frequent mistakes: none." in text
