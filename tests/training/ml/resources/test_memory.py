from dataclasses import replace

from training.ml.config.hyperparameters import Hyperparameters
from training.ml.config.templates import TEMPLATES, dense
from training.ml.resources.memory import memory


def test_memory_grows_with_the_network_the_batch_and_the_images() -> None:
    small = Hyperparameters()
    for change in (
        {"layers": dense(512, 512)},
        {"batch_size": 8192},
        {"layers": TEMPLATES["Keras example CNN"]},
    ):
        assert memory(replace(small, **change)) > memory(small)
    assert memory(replace(small, training_images=1000)) < memory(small)
    assert memory(replace(small, optimizer="sgd")) < memory(small)
