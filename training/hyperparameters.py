"""What a person chooses before a training: the fields, their choices and limits, and help with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from math import prod
from reprlib import repr as shortened
from typing import Any

from training.architecture import CLASSES, INPUTS, OUTPUT, InvalidArchitecture, Layer, complete, dense, trace
from training.limits import Limit, choice_problem, number_problem

# name -> label. The registries of functions in training.nn have the same keys.

INITIALIZERS = {
    "he_normal": "He normal",
    "he_uniform": "He uniform",
    "glorot_normal": "Glorot normal",
    "glorot_uniform": "Glorot uniform",
    "normal": "Normal, spread 0.05",
    "uniform": "Uniform, −0.05 to 0.05",
    "lecun_normal": "LeCun normal",
    "lecun_uniform": "LeCun uniform",
    "orthogonal": "Orthogonal",
    "zeros": "Zeros",
}
OPTIMIZERS = {
    "adam": "Adam",
    "adamw": "AdamW",
    "nadam": "Nadam",
    "rmsprop": "RMSProp",
    "adagrad": "Adagrad",
    "adadelta": "Adadelta",
    "nesterov": "Nesterov momentum",
    "momentum": "Momentum",
    "sgd": "SGD",
}
SCHEDULES = {
    "constant": "Constant",
    "step": "Step",
    "exponential": "Exponential",
    "polynomial": "Polynomial",
    "cosine": "Cosine",
    "one_cycle": "One cycle",
}
LOSSES = {"cross_entropy": "Cross-entropy", "quadratic": "Quadratic", "hinge": "Hinge"}
BALANCES = {
    "natural": "As it is",
    "balanced": "The same number of each digit",
    "long_tail": "A hundred times as many 0s as 9s",
}
MONITORS = {"val_loss": "Validation loss", "val_accuracy": "Validation accuracy"}
CHOICES: dict[str, dict[str, str]] = {
    "initializer": INITIALIZERS,
    "optimizer": OPTIMIZERS,
    "schedule": SCHEDULES,
    "loss": LOSSES,
    "class_balance": BALANCES,
    "monitor": MONITORS,
}

# Fields that count only while another one has one of these values; every other field always counts.
_ADAMS = frozenset({"adam", "adamw", "nadam"})
USED_BY: dict[str, tuple[str, frozenset[str]]] = {
    "momentum": ("optimizer", frozenset({"momentum", "nesterov"})),
    "rho": ("optimizer", frozenset({"rmsprop", "adadelta"})),
    "beta_1": ("optimizer", _ADAMS),
    "beta_2": ("optimizer", _ADAMS),
    "epsilon": ("optimizer", _ADAMS | {"rmsprop", "adagrad", "adadelta"}),
    "weight_decay": ("optimizer", frozenset({"adamw"})),
    "decay_rate": ("schedule", frozenset({"step", "exponential"})),
    "decay_epochs": ("schedule", frozenset({"step", "exponential"})),
    "power": ("schedule", frozenset({"polynomial"})),
    "final_share": ("schedule", frozenset({"polynomial", "cosine"})),
    "warmup_epochs": ("schedule", frozenset(SCHEDULES) - {"one_cycle"}),
    "label_smoothing": ("loss", frozenset({"cross_entropy", "quadratic"})),
}
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

_DECAY = Limit(0, 1, excludes_maximum=True)
LIMITS: dict[str, Limit] = {
    "learning_rate": Limit(0, 10, excludes_minimum=True),
    "momentum": _DECAY,
    "rho": _DECAY,
    "beta_1": _DECAY,
    "beta_2": _DECAY,
    "epsilon": Limit(1e-10, 1),
    "weight_decay": Limit(0, 1),
    "decay_rate": Limit(0, 1, excludes_minimum=True),
    "decay_epochs": Limit(0.01, 1000),
    "power": Limit(0.1, 10),
    "final_share": Limit(0, 1),
    "warmup_epochs": Limit(0, 1000),
    "batch_size": Limit(1, 8192),
    "l1": Limit(0, 1),
    "l2": Limit(0, 1),
    "clip_norm": Limit(0, 1000),
    "label_smoothing": Limit(0, 0.9),
    "augment_shift": Limit(0, 6),
    "augment_rotate": Limit(0, 45),
    "augment_scale": Limit(0, 0.5),
    "augment_shear": Limit(0, 45),
    "augment_stroke": Limit(0, 1.5),
    "augment_elastic": Limit(0, 2),
    "augment_noise": Limit(0, 0.5),
    "training_images": Limit(100, 240_000),
    "label_noise": Limit(0, 1),
    "validation_split": Limit(0.02, 0.5),
    "seed": Limit(0, 2**31 - 1),
    "epochs": Limit(1, 1000),
    "max_seconds": Limit(1, 86_400),
    "target_accuracy": Limit(0.1, 1),
    "patience": Limit(1, 1000),
}
INTEGERS = frozenset({"batch_size", "training_images", "seed", "epochs", "patience"})
# May be empty: None.
OPTIONAL = frozenset({"training_images", "max_seconds", "target_accuracy", "patience"})

HELP: dict[str, str] = {
    "initializer": "How the weights start. He suits the ReLU family, Glorot suits tanh and sigmoid, LeCun "
    "and orthogonal deep networks; with zeros all neurons of a hidden layer stay alike.",
    "optimizer": "How a step follows from the gradient. Adam works almost everywhere; SGD is the bare idea; Adadelta "
    "wants a learning rate of about 1.",
    "learning_rate": "The size of a step. The loss jumps or becomes NaN → ten times lower; it falls too "
    "slowly → three times higher. SGD wants about 0.1, Adam about 0.001.",
    "momentum": "How much of the last step carries on into this one. The loss zigzags → 0.9; it overshoots "
    "→ lower.",
    "rho": "How long the optimiser remembers the size of past gradients: 0.9 is about the last 10 steps.",
    "beta_1": "How long Adam remembers the direction of past gradients: 0.9 is about the last 10 steps.",
    "beta_2": "How long Adam remembers the size of past gradients: 0.999 is about the last 1,000 steps.",
    "epsilon": "A small number that keeps the optimiser from dividing by zero. The first steps are wild → "
    "larger.",
    "weight_decay": "AdamW draws each weight towards zero by this share of the learning rate in each step. The "
    "validation loss rises while the training loss falls → 0.05.",
    "schedule": "How the learning rate changes over the training. The loss still jumps at the end → let it fall: "
    "cosine, or one cycle.",
    "decay_rate": "What the learning rate is multiplied by, each time so many epochs have passed.",
    "decay_epochs": "After how many epochs the factor applies once.",
    "power": "1 lets the learning rate fall in a straight line, 2 steeper at first.",
    "final_share": "Where the learning rate ends, as a share of where it starts.",
    "warmup_epochs": "Over so many epochs the learning rate rises from zero. The loss explodes at the start → 1.",
    "batch_size": "Images in a step. An epoch takes too long → more; the network gets stuck → fewer.",
    "epochs": "How often the training goes through all its images. The validation loss still falls → more.",
    "l1": "Pulls every weight towards zero by the same amount, so that many become zero. You want few strong "
    "weights → try 0.00001.",
    "l2": "Pulls the weights towards zero: l2 × weight is added to each gradient. The validation loss rises "
    "while the training loss falls → try 0.0001.",
    "loss": "What the training makes small. Cross-entropy learns fast from bad mistakes; quadratic is the "
    "squared distance from the right answer; hinge only asks that the right digit leads by 1. Learning starts "
    "slowly → cross-entropy.",
    "clip_norm": "The longest a step's gradient may be; 0 doesn't limit it. The loss jumps up at times, as with "
    "recurrent layers → 1.",
    "label_smoothing": "Takes this share of certainty from the right answer and spreads it over all ten. The "
    "network is too sure of its mistakes → 0.1.",
    "augment_shift": "Moves each image by up to so many pixels, anew in each epoch. Your own digits are read worse "
    "than the test's → 2.",
    "augment_rotate": "Turns each image by up to so many degrees. 10 to 15 are about how people differ.",
    "augment_scale": "Makes each image larger or smaller by up to this share: 0.1 is a tenth.",
    "augment_shear": "Slants each image by up to so many degrees, as handwriting does.",
    "augment_stroke": "Makes strokes thicker or thinner by up to so many pixels, as other pens do.",
    "augment_elastic": "Bends each image as a trembling hand would, by up to about so many pixels.",
    "augment_noise": "Adds grain: the spread of random brightness, as a share of white.",
    "class_balance": "How often each digit comes. Rare digits are read worse than the others → the same number.",
    "label_noise": "The share of training labels replaced by wrong ones, to see a network learn mistakes by heart.",
    "validation_split": "The share of the images kept aside to see how the network does on new ones. The "
    "validation curve is jagged → more.",
    "training_images": "How many images to use, validation included; empty means all. The training accuracy "
    "is far above the validation accuracy → more.",
    "seed": "The number behind all chance. The same seed repeats the same training; another one shows how "
    "much was luck.",
    "max_seconds": "Stops after so many seconds of training; empty for no limit.",
    "target_accuracy": "Stops as soon as the validation accuracy is at least this: 0.98 is 98 %; empty for none.",
    "patience": "Stops when so many epochs have brought nothing better; empty for never. The validation loss rises "
    "→ 3.",
    "monitor": "What better means: for patience, and for which weights are kept as the best.",
}


class InvalidHyperparameters(ValueError):
    """Raised when hyperparameters can't be trained with; `problems` maps fields to messages for people."""

    def __init__(self, problems: dict[str, str]) -> None:
        self.problems = problems
        super().__init__(" ".join(f"{field}: {message}" for field, message in problems.items()))


@dataclass(frozen=True, slots=True)
class Hyperparameters:
    """One training's settings, spelt as in Keras; see HELP for the meaning and LIMITS for the range of each.

    `layers` are the hidden ones, as in training.architecture; a softmax over the ten digits follows them. `l1` and
    `l2` add l1 · Σ|w| + l2/2 · Σw² over the weights (not the biases) to the cost. `training_images` counts the
    validation images too; None takes all. `learning_rate_changes` are changes made during the training, each
    a step and the base rate from it on.
    """

    layers: tuple[dict[str, Any], ...] = field(default_factory=lambda: dense(128, 64))
    initializer: str = "he_normal"

    optimizer: str = "adam"
    learning_rate: float = 1e-3
    batch_size: int = 128
    loss: str = "cross_entropy"
    momentum: float = 0.9
    rho: float = 0.9
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-7
    weight_decay: float = 0.01
    schedule: str = "constant"
    decay_rate: float = 0.5
    decay_epochs: float = 2.0
    power: float = 1.0
    final_share: float = 0.0
    warmup_epochs: float = 0.0
    l1: float = 0.0
    l2: float = 0.0
    clip_norm: float = 0.0
    label_smoothing: float = 0.0

    augment_shift: float = 0.0
    augment_rotate: float = 0.0
    augment_scale: float = 0.0
    augment_shear: float = 0.0
    augment_stroke: float = 0.0
    augment_elastic: float = 0.0
    augment_noise: float = 0.0

    training_images: int | None = None
    class_balance: str = "natural"
    label_noise: float = 0.0
    validation_split: float = 0.1
    seed: int = 0

    epochs: int = 5
    max_seconds: float | None = None
    target_accuracy: float | None = None
    patience: int | None = None
    monitor: str = "val_loss"

    learning_rate_changes: tuple[tuple[int, float], ...] = ()

    def __post_init__(self) -> None:
        # Said at length or in short, the same layers are equal.
        if all(isinstance(layer, Mapping) for layer in _listed(self.layers)):
            object.__setattr__(self, "layers", complete(self.layers))

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Hyperparameters:
        """The hyperparameters in a dict as `to_dict` makes it; what is missing takes its default.

        `hidden_layer_sizes`, with `activation` and `dropout`, stand for dense `layers`. Raises
        InvalidHyperparameters for a name that doesn't exist; values are checked by `problems`.
        """
        values = _with_layers(values)
        known = {f.name for f in fields(cls)}
        if unknown := sorted(set(values) - known):
            raise InvalidHyperparameters(dict.fromkeys(unknown, "There is no hyperparameter of this name."))
        changes = values.get("learning_rate_changes", ())
        if isinstance(changes, list):
            values["learning_rate_changes"] = tuple(map(tuple, changes))
        if isinstance(values.get("layers"), list):
            values["layers"] = tuple(values["layers"])
        return cls(**values)

    def to_dict(self) -> dict[str, Any]:
        """All fields, ready for JSON."""
        return {
            **asdict(self),
            "layers": [dict(layer) for layer in self.layers],
            "learning_rate_changes": [list(change) for change in self.learning_rate_changes],
        }

    def problems(self) -> dict[str, str]:
        """What is wrong, as field -> message naming the limit; empty when a training can start.

        Problems of single layers are those of `layer_problems`.
        """
        found = {name: choice_problem(getattr(self, name), known) for name, known in CHOICES.items()}
        for name, limit in LIMITS.items():
            value = getattr(self, name)
            if value is not None or name not in OPTIONAL:
                found[name] = number_problem(value, limit, name in INTEGERS)
        found["layers"] = " ".join(
            f"Layer {position + 1}: {text}" for position, text in self.layer_problems().items()
        )
        return {name: message for name, message in found.items() if message}

    def layer_problems(self) -> dict[int, str]:
        """What is wrong with the layers, as position -> message; the one after the last is the output."""
        try:
            trace((*_listed(self.layers), OUTPUT))
        except InvalidArchitecture as error:
            return error.problems
        return {}

    def validate(self) -> None:
        """Raises InvalidHyperparameters when there is any problem."""
        if problems := self.problems():
            raise InvalidHyperparameters(problems)

    @property
    def architecture(self) -> tuple[dict[str, Any], ...]:
        """All layers, the output included, with every field."""
        return complete((*self.layers, OUTPUT))

    @property
    def traced(self) -> list[Layer]:
        """All layers in their places; raises InvalidArchitecture."""
        return trace(self.architecture)

    @property
    def parameter_count(self) -> int:
        """Weights, biases and statistics together."""
        return sum(layer.parameter_count for layer in self.traced)

    @property
    def operations(self) -> int:
        """Multiplications for an image, on the way forward."""
        return sum(layer.operations for layer in self.traced)

    @property
    def augments(self) -> bool:
        """Whether images are changed while training."""
        return any(getattr(self, f.name) for f in fields(self) if f.name.startswith("augment_"))

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
        # Sums, activations and derivatives of every number between layers; for the whole batch, and for the
        # smaller one at an epoch's end.
        numbers = self.batch_size * sum(prod(layer.gives) for layer in self.traced)
        passes = 2 * 4 * (numbers * 3 + self.batch_size * sum(map(_recurrent_numbers, self.traced)))
        # The mapped pixels and labels that were read, and the order of an epoch.
        dataset = images * (INPUTS + 1 + 8)
        return state + gathered + passes + dataset + 12_000_000  # the linear algebra's own buffers

    def uses(self, name: str) -> bool:
        """Whether the field counts, as the others are."""
        if name not in USED_BY:
            return True
        other, values = USED_BY[name]
        return getattr(self, other) in values

    def differences(self, other: Hyperparameters) -> dict[str, tuple[Any, Any]]:
        """The fields that differ, as field -> (value here, value there)."""
        pairs = {f.name: (getattr(self, f.name), getattr(other, f.name)) for f in fields(self)}
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _recurrent_numbers(layer: Layer) -> int:
    """What a recurrent layer keeps of an image on its way through the rows: inputs, states and gates."""
    kept = {"simple_rnn": 2, "gru": 5, "lstm": 7}.get(layer.spec["type"], 0)
    return kept and layer.reads[0] * (prod(layer.reads[1:]) + 1 + kept * int(layer.spec["units"]))


def _listed(layers: object) -> tuple[Any, ...]:
    """The layers, or what was given in their place as the one thing in the list."""
    return layers if isinstance(layers, tuple) else (layers,)


def _with_layers(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with `layers` in the place of `hidden_layer_sizes`, `activation` and `dropout`."""
    short = {"hidden_layer_sizes", "activation", "dropout"}
    rest = {name: value for name, value in values.items() if name not in short}
    if "layers" in values or not short & set(values):
        return rest | {name: values[name] for name in short & set(values)}
    sizes = values.get("hidden_layer_sizes", (128, 64))
    if not isinstance(sizes, list | tuple):
        raise InvalidHyperparameters(
            {"hidden_layer_sizes": f"Must be a list of sizes, not {shortened(sizes)}."}
        )
    rest["layers"] = dense(
        *sizes, activation=values.get("activation", "relu"), dropout=values.get("dropout", 0.0)
    )
    return rest
