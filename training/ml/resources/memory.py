"""The memory that a training takes."""

from math import prod

from training.ml.config.architecture import Layer
from training.ml.config.hyperparameters import Hyperparameters
from training.ml.config.layer_types import CLASSES, INPUTS

# Optimiser -> the number of its slots, arrays as long as the parameters.
SLOTS = {
    "sgd": 0,
    "momentum": 1,
    "nesterov": 1,
    "rmsprop": 1,
    "adagrad": 1,
    "adadelta": 2,
    "adam": 2,
    "adamw": 2,
    "nadam": 2,
}


def memory(hyperparameters: Hyperparameters) -> int:
    """The bytes that a training needs in addition to the idle worker; a high estimate."""
    images = hyperparameters.training_images or 60_000
    # Parameters, gradients, scratch and slots; then a checkpoint while it is made: a copy of the network, and
    # parameters and slots as bytes, twice while they are joined.
    slots = SLOTS[hyperparameters.optimizer]
    state = 4 * hyperparameters.parameter_count * (3 + slots + 1 + 2 * (1 + slots))
    # Pixels as bytes and float32, targets and logits: for a block of steps and for a chunk of an evaluation.
    gathered = (min(images, max(4096, hyperparameters.batch_size)) + 1024) * (5 * INPUTS + 8 * CLASSES)
    # Sums, activations and derivatives of every number between layers, 4 bytes each; twice, because the smaller
    # batch at an epoch's end has buffers of its own.
    numbers = hyperparameters.batch_size * sum(prod(layer.gives) for layer in hyperparameters.traced)
    passes = (
        2
        * 4
        * (numbers * 3 + hyperparameters.batch_size * sum(map(_recurrent_numbers, hyperparameters.traced)))
    )
    # The memory-mapped pixels and labels, and an epoch's order (int64).
    dataset = images * (INPUTS + 1 + 8)
    return state + gathered + passes + dataset + 12_000_000  # the linear algebra library's buffers


def storage(hyperparameters: Hyperparameters) -> int:
    """The bytes that a run stores at most: its last, best and initial network and its checkpoint."""
    return 4 * hyperparameters.parameter_count * (2 + 1 + 2 + SLOTS[hyperparameters.optimizer]) + 100_000


def _recurrent_numbers(layer: Layer) -> int:
    """The numbers that a recurrent layer keeps per image: inputs, states and gates of all steps; 0 for other layers."""
    kept = {"simple_rnn": 2, "gru": 5, "lstm": 7}.get(layer.spec["type"], 0)
    return kept and layer.reads[0] * (prod(layer.reads[1:]) + 1 + kept * int(layer.spec["units"]))
