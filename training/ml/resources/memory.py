"""How much memory a training takes."""

from math import prod

from training.ml.config.architecture import Layer
from training.ml.config.hyperparameters import Hyperparameters
from training.ml.config.layer_types import CLASSES, INPUTS

# Arrays as long as the parameters that an optimiser keeps.
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
    """About how many bytes a training needs over the idle worker; an estimate on the high side."""
    images = hyperparameters.training_images or 60_000
    # Parameters, gradients, scratch and slots; then a checkpoint in the making: a network's copy, and
    # parameters and slots as bytes, twice while they are joined.
    slots = SLOTS[hyperparameters.optimizer]
    state = 4 * hyperparameters.parameter_count * (3 + slots + 1 + 2 * (1 + slots))
    # Pixels as bytes and float32, one-hot labels and logits: of a block of steps and of a chunk
    # in evaluation.
    gathered = (min(images, max(4096, hyperparameters.batch_size)) + 1024) * (5 * INPUTS + 8 * CLASSES)
    # Sums, activations and derivatives of every number between layers; for the whole batch, and for the
    # smaller one at an epoch's end.
    numbers = hyperparameters.batch_size * sum(prod(layer.gives) for layer in hyperparameters.traced)
    passes = (
        2
        * 4
        * (numbers * 3 + hyperparameters.batch_size * sum(map(_recurrent_numbers, hyperparameters.traced)))
    )
    # The mapped pixels and labels that were read, and the order of an epoch.
    dataset = images * (INPUTS + 1 + 8)
    return state + gathered + passes + dataset + 12_000_000  # the linear algebra's own buffers


def _recurrent_numbers(layer: Layer) -> int:
    """What a recurrent layer keeps of an image on its way through the rows: inputs, states and gates."""
    kept = {"simple_rnn": 2, "gru": 5, "lstm": 7}.get(layer.spec["type"], 0)
    return kept and layer.reads[0] * (prod(layer.reads[1:]) + 1 + kept * int(layer.spec["units"]))
