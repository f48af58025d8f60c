"""What a person chooses before a training: the fields, their choices and limits, and help with them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from itertools import pairwise
from reprlib import repr as shortened
from typing import Any, NamedTuple

INPUTS = 28 * 28
CLASSES = 10

# name -> label. The registries of functions in training.nn have the same keys.
ACTIVATIONS = {
    "relu": "ReLU",
    "leaky_relu": "Leaky ReLU",
    "elu": "ELU",
    "gelu": "GELU",
    "tanh": "tanh",
    "sigmoid": "Sigmoid",
    "linear": "Linear",
}
INITIALIZERS = {
    "he_normal": "He normal",
    "he_uniform": "He uniform",
    "glorot_normal": "Glorot normal",
    "glorot_uniform": "Glorot uniform",
    "normal": "Normal, spread 0.05",
    "uniform": "Uniform, −0.05 to 0.05",
    "zeros": "Zeros",
}
OPTIMIZERS = {
    "adam": "Adam",
    "rmsprop": "RMSProp",
    "nesterov": "Nesterov momentum",
    "momentum": "Momentum",
    "sgd": "SGD",
}
LOSSES = {"cross_entropy": "Cross-entropy", "quadratic": "Quadratic"}
CHOICES: dict[str, dict[str, str]] = {
    "activation": ACTIVATIONS,
    "initializer": INITIALIZERS,
    "optimizer": OPTIMIZERS,
    "loss": LOSSES,
}

# Fields that only some optimisers read; every other field always counts.
USED_BY: dict[str, frozenset[str]] = {
    "momentum": frozenset({"momentum", "nesterov"}),
    "rho": frozenset({"rmsprop"}),
    "beta_1": frozenset({"adam"}),
    "beta_2": frozenset({"adam"}),
    "epsilon": frozenset({"rmsprop", "adam"}),
}
# Arrays as long as the parameters that an optimiser keeps.
SLOTS = {"sgd": 0, "momentum": 1, "nesterov": 1, "rmsprop": 1, "adam": 2}


class Limit(NamedTuple):
    """The range of a number, both ends included unless marked as excluded."""

    minimum: float
    maximum: float
    excludes_minimum: bool = False
    excludes_maximum: bool = False

    def __contains__(self, value: object) -> bool:
        if not isinstance(value, (int, float)):
            return False
        above = value > self.minimum if self.excludes_minimum else value >= self.minimum
        below = value < self.maximum if self.excludes_maximum else value <= self.maximum
        return above and below

    def __str__(self) -> str:
        above = f"more than {self.minimum:,g}" if self.excludes_minimum else f"at least {self.minimum:,.10g}"
        below = f"less than {self.maximum:,g}" if self.excludes_maximum else f"at most {self.maximum:,.10g}"
        return f"{above} and {below}"


# "hidden_layer_sizes" limits each size; "hidden_layers" and "parameters" limit what follows from all of them.
LIMITS: dict[str, Limit] = {
    "hidden_layers": Limit(0, 10),
    "hidden_layer_sizes": Limit(1, 4096),
    "parameters": Limit(1, 20_000_000),
    "learning_rate": Limit(0, 10, excludes_minimum=True),
    "momentum": Limit(0, 1, excludes_maximum=True),
    "rho": Limit(0, 1, excludes_maximum=True),
    "beta_1": Limit(0, 1, excludes_maximum=True),
    "beta_2": Limit(0, 1, excludes_maximum=True),
    "epsilon": Limit(1e-10, 1),
    "batch_size": Limit(1, 8192),
    "epochs": Limit(1, 1000),
    "l2": Limit(0, 1),
    "dropout": Limit(0, 0.95, excludes_maximum=True),
    "validation_split": Limit(0.02, 0.5),
    "training_images": Limit(100, 60_000),
    "seed": Limit(0, 2**31 - 1),
}
INTEGERS = frozenset({"batch_size", "epochs", "training_images", "seed"})

HELP: dict[str, str] = {
    "hidden_layer_sizes": "Neurons in each hidden layer, from the image to the answer; none makes a softmax "
    "regression. Both curves stay high → more neurons; only the training curve is good → fewer.",
    "activation": "How a neuron answers to the sum of its inputs. A deep network learns slowly → ReLU, not "
    "sigmoid.",
    "initializer": "How the weights start. He suits the ReLU family, Glorot suits tanh and sigmoid; with "
    "zeros all neurons of a hidden layer stay alike.",
    "optimizer": "How a step follows from the gradient. Adam works almost everywhere; SGD is the bare idea.",
    "learning_rate": "The size of a step. The loss jumps or becomes NaN → ten times lower; it falls too "
    "slowly → three times higher. SGD wants about 0.1, Adam about 0.001.",
    "momentum": "How much of the last step carries on into this one. The loss zigzags → 0.9; it overshoots "
    "→ lower.",
    "rho": "How long RMSProp remembers the size of past gradients: 0.9 is about the last 10 steps.",
    "beta_1": "How long Adam remembers the direction of past gradients: 0.9 is about the last 10 steps.",
    "beta_2": "How long Adam remembers the size of past gradients: 0.999 is about the last 1,000 steps.",
    "epsilon": "A small number that keeps the optimiser from dividing by zero. The first steps are wild → "
    "larger.",
    "batch_size": "Images in a step. An epoch takes too long → more; the network gets stuck → fewer.",
    "epochs": "How often the training goes through all its images. The validation loss still falls → more.",
    "l2": "Pulls the weights towards zero: l2 × weight is added to each gradient. The validation loss rises "
    "while the training loss falls → try 0.0001.",
    "dropout": "The share of hidden neurons silenced in each step. The validation loss rises while the "
    "training loss falls → try 0.2.",
    "loss": "What the training makes small. Cross-entropy learns fast from bad mistakes; quadratic is the "
    "squared distance from the right answer. Learning starts slowly → cross-entropy.",
    "validation_split": "The share of the images kept aside to see how the network does on new ones. The "
    "validation curve is jagged → more.",
    "training_images": "How many images to use, validation included; empty means all. The training accuracy "
    "is far above the validation accuracy → more.",
    "seed": "The number behind all chance. The same seed repeats the same training; another one shows how "
    "much was luck.",
}


class InvalidHyperparameters(ValueError):
    """Raised when hyperparameters can't be trained with; `problems` maps fields to messages for people."""

    def __init__(self, problems: dict[str, str]) -> None:
        self.problems = problems
        super().__init__(" ".join(f"{field}: {message}" for field, message in problems.items()))


@dataclass(frozen=True, slots=True)
class Hyperparameters:
    """One training's settings, spelt as in Keras; see HELP for the meaning and LIMITS for the range of each.

    The output layer is always a softmax over the ten digits. `l2` adds l2/2 · Σw² over the weights (not the
    biases) to the cost. `training_images` counts the validation images too; None takes all.
    """

    hidden_layer_sizes: tuple[int, ...] = (128, 64)
    activation: str = "relu"
    initializer: str = "he_normal"
    optimizer: str = "adam"
    learning_rate: float = 1e-3
    momentum: float = 0.9
    rho: float = 0.9
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-7
    batch_size: int = 128
    epochs: int = 5
    l2: float = 0.0
    dropout: float = 0.0
    loss: str = "cross_entropy"
    validation_split: float = 0.1
    training_images: int | None = None
    seed: int = 0

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Hyperparameters:
        """The hyperparameters in a dict as `to_dict` makes it; what is missing takes its default.

        Raises InvalidHyperparameters for a name that doesn't exist; values are checked by `problems`.
        """
        known = {field.name for field in fields(cls)}
        if unknown := sorted(set(values) - known):
            raise InvalidHyperparameters(dict.fromkeys(unknown, "There is no hyperparameter of this name."))
        sizes = values.get("hidden_layer_sizes")
        changes = {"hidden_layer_sizes": tuple(sizes)} if isinstance(sizes, list) else {}
        return cls(**{**values, **changes})

    def to_dict(self) -> dict[str, Any]:
        """All fields, ready for JSON (the layer sizes become a list)."""
        return {**asdict(self), "hidden_layer_sizes": list(self.hidden_layer_sizes)}

    def problems(self) -> dict[str, str]:
        """What is wrong, as field -> message naming the limit; empty when a training can start."""
        found = {
            **{field: _choice_problem(getattr(self, field), known) for field, known in CHOICES.items()},
            **{
                field: _number_problem(getattr(self, field), LIMITS[field], field in INTEGERS)
                for field in (f.name for f in fields(self))
                if field in LIMITS and field != "hidden_layer_sizes"
            },
            "hidden_layer_sizes": _layers_problem(self.hidden_layer_sizes),
        }
        if self.training_images is None:
            del found["training_images"]
        return {field: message for field, message in found.items() if message}

    def validate(self) -> None:
        """Raises InvalidHyperparameters when there is any problem."""
        if problems := self.problems():
            raise InvalidHyperparameters(problems)

    @property
    def layer_sizes(self) -> tuple[int, ...]:
        """Neurons in each layer, with the 784 pixels in front and the ten digits at the end."""
        return (INPUTS, *self.hidden_layer_sizes, CLASSES)

    @property
    def parameter_count(self) -> int:
        """Weights and biases together."""
        return sum((inputs + 1) * units for inputs, units in pairwise(self.layer_sizes))

    @property
    def memory(self) -> int:
        """About how many bytes a training needs over the idle worker; an estimate on the high side."""
        images = self.training_images or 60_000
        # Parameters, gradients, scratch and slots; then a checkpoint in the making: a network's copy, and
        # parameters and slots as bytes, twice while they are joined.
        slots = SLOTS[self.optimizer]
        state = 4 * self.parameter_count * (3 + slots + 1 + 2 * (1 + slots))
        # Pixels as bytes and float32, one-hot labels and logits: of a block of steps and of a chunk
        # in evaluation.
        gathered = (min(images, max(4096, self.batch_size)) + 1024) * (5 * INPUTS + 8 * CLASSES)
        # Sums, activations and derivatives of every neuron, with dropout its masks too; for the whole batch,
        # and for the smaller one at an epoch's end.
        neurons = self.batch_size * sum(self.layer_sizes[1:])
        passes = 2 * 4 * neurons * (6 if self.dropout else 3)
        # The mapped pixels and labels that were read, and the order of an epoch.
        dataset = images * (INPUTS + 1 + 8)
        return state + gathered + passes + dataset + 12_000_000  # the linear algebra's own buffers

    def uses(self, field: str) -> bool:
        """Whether the field matters for the chosen optimiser."""
        return field not in USED_BY or self.optimizer in USED_BY[field]

    def differences(self, other: Hyperparameters) -> dict[str, tuple[Any, Any]]:
        """The fields that differ, as field -> (value here, value there)."""
        pairs = {f.name: (getattr(self, f.name), getattr(other, f.name)) for f in fields(self)}
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _choice_problem(value: object, known: Mapping[str, str]) -> str:
    if isinstance(value, str) and value in known:
        return ""
    return f"Must be one of {', '.join(known)}, not {shortened(value)}."


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _number_problem(value: Any, limit: Limit, integer: bool) -> str:
    if not _is_integer(value) and (integer or not isinstance(value, float)):
        return f"Must be a {'whole ' if integer else ''}number, not {shortened(value)}."
    if isinstance(value, float) and not math.isfinite(value):
        return f"Must be {limit}, not {value}."
    return "" if value in limit else f"Must be {limit}, not {_written(value)}."


def _written(number: float) -> str:
    return f"{number:,}" if abs(number) < 1e15 else shortened(number)


def _layers_problem(sizes: object) -> str:
    if not isinstance(sizes, tuple) or not all(_is_integer(size) for size in sizes):
        return f"Must be a list of whole numbers, one for each hidden layer, not {shortened(sizes)}."
    if len(sizes) > LIMITS["hidden_layers"].maximum:
        return f"At most {LIMITS['hidden_layers'].maximum} hidden layers; these are {len(sizes):,}."
    limit = LIMITS["hidden_layer_sizes"]
    for position, size in enumerate(sizes, start=1):
        if size < limit.minimum:
            return f"At least {limit.minimum} neuron in a layer; layer {position} has {size}."
        if size > limit.maximum:
            return f"At most {limit.maximum} neurons in a layer; layer {position} has {size}."
    count = Hyperparameters(hidden_layer_sizes=sizes).parameter_count
    if count > LIMITS["parameters"].maximum:
        return f"At most {LIMITS['parameters'].maximum:,} weights and biases; this network has {count:,}."
    return ""
