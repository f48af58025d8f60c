"""The settings of a training, and their checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from reprlib import repr as shortened
from typing import Any

from training.ml.config.architecture import OUTPUT, InvalidArchitecture, Layer, complete, trace
from training.ml.config.choices import CHOICES, INTEGERS, LIMITS, OPTIONAL, USED_BY
from training.ml.config.limits import choice_problem, number_problem
from training.ml.config.templates import dense


class InvalidHyperparameters(ValueError):
    """Raised when hyperparameters are invalid; `problems` maps each field to a message for people."""

    def __init__(self, problems: dict[str, str]) -> None:
        self.problems = problems
        super().__init__(" ".join(f"{field}: {message}" for field, message in problems.items()))


@dataclass(frozen=True, slots=True)
class Hyperparameters:
    """The settings of one training. HELP explains each field to people, LIMITS gives its range, CHOICES its values.

    Names are Keras's where Keras has one; a comment gives Keras's name where it differs. The loss that training
    minimises is the mean of `loss` over the batch + l1 · Σ|w| + l2/2 · Σw², the sums over weights without biases.
    """

    # Hidden layers, see training.ml.config.architecture; a dense softmax over the ten digits follows.
    layers: tuple[dict[str, Any], ...] = field(default_factory=lambda: dense(128, 64))
    initializer: str = "he_normal"  # draws the first weights; Keras: kernel_initializer

    optimizer: str = "adam"  # the rule that turns a gradient into a step
    learning_rate: float = 1e-3  # η, before the schedule's factor; the peak of one_cycle
    batch_size: int = 128  # images per step
    loss: str = "cross_entropy"  # the function minimised
    momentum: float = 0.9  # μ, 0–1: share of the last step that is added again; momentum and Nesterov only
    rho: float = 0.9  # ρ, 0–1 per step: decay of the mean squared gradient; RMSProp and Adadelta only
    beta_1: float = 0.9  # β₁, 0–1 per step: decay of the mean gradient; Adam, AdamW, Nadam only
    beta_2: float = 0.999  # β₂, 0–1 per step: decay of the mean squared gradient; Adam, AdamW, Nadam only
    epsilon: float = 1e-7  # ε: added to a divisor to keep it above zero; not for SGD, momentum, Nesterov
    weight_decay: float = 0.01  # λ: each step multiplies the weights by 1 − ηλ; AdamW only
    schedule: str = "constant"  # how η changes with the step
    decay_rate: float = 0.5  # factor of η per `decay_epochs`; step (Keras: staircase) and exponential only
    decay_epochs: float = 2.0  # epochs per `decay_rate`; Keras: decay_steps
    power: float = 1.0  # exponent of the polynomial schedule only
    final_share: float = 0.0  # final η / `learning_rate`; polynomial, cosine; Keras: alpha
    warmup_epochs: float = 0.0  # epochs in which η rises from zero; not one_cycle; Keras: warmup_steps
    l1: float = 0.0  # factor of Σ|w| in the loss
    l2: float = 0.0  # factor of Σw²/2 in the loss; Keras leaves out the ½, so its l2 is half of this
    clip_norm: float = 0.0  # largest norm of the whole gradient, 0: no limit; Keras: global_clipnorm
    label_smoothing: float = 0.0  # share of the target spread evenly over all classes, 0–0.9; not for hinge

    augment_shift: float = 0.0  # pixels: largest shift along each axis
    augment_rotate: float = 0.0  # degrees: largest turn to either side
    augment_scale: float = 0.0  # fraction: largest change of width and of height
    augment_shear: float = 0.0  # degrees: largest slant
    augment_stroke: float = 0.0  # pixels: largest change of stroke width
    augment_elastic: float = 0.0  # pixels: standard deviation of the elastic displacement along each axis
    augment_noise: float = 0.0  # fraction of white: standard deviation of the noise on each pixel

    training_images: int | None = None  # number of images, validation included; None: all
    class_balance: str = "natural"  # how many images of each class
    label_noise: float = 0.0  # fraction of training labels made wrong, 0–1
    validation_split: float = 0.1  # fraction of the images used for validation
    seed: int = 0  # of all random numbers

    epochs: int = 5  # passes over the training images
    max_seconds: float | None = None  # stop rule: seconds of training; None: no limit
    target_accuracy: float | None = None  # stop rule: validation accuracy, 0–1; None: no target
    patience: int | None = None  # stop rule: epochs without improvement of `monitor`; None: no limit
    monitor: str = "val_loss"  # the metric that decides which epoch is the best

    # Changes made during the training: (step, learning rate that replaces `learning_rate` from this step on).
    learning_rate_changes: tuple[tuple[int, float], ...] = ()

    def __post_init__(self) -> None:
        # Fills in default fields, so that the same layers are equal with or without them.
        if all(isinstance(layer, Mapping) for layer in _listed(self.layers)):
            object.__setattr__(self, "layers", complete(self.layers))

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Hyperparameters:
        """Reads a dict made by `to_dict`; missing fields take their defaults.

        Without `layers`, `hidden_layer_sizes`, `activation` and `dropout` describe dense layers. Raises
        InvalidHyperparameters for an unknown name, or for sizes that are not a list; `problems` checks the values.
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
        """Every problem, as field -> message for people; empty for valid hyperparameters.

        The message of `layers` joins the messages of `layer_problems`. `learning_rate_changes` is not checked.
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
        """Every problem of the layers, as position from 0 -> message; the output has the position after the last."""
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
        """All layers, the output included, with their input and output shapes; raises InvalidArchitecture."""
        return trace(self.architecture)

    @property
    def parameter_count(self) -> int:
        """Number of weights, biases and running statistics; raises InvalidArchitecture."""
        return sum(layer.parameter_count for layer in self.traced)

    @property
    def operations(self) -> int:
        """Multiplications per image in the forward pass; raises InvalidArchitecture."""
        return sum(layer.operations for layer in self.traced)

    @property
    def augments(self) -> bool:
        """Whether training images are augmented."""
        return any(getattr(self, f.name) for f in fields(self) if f.name.startswith("augment_"))

    def uses(self, name: str) -> bool:
        """Whether this field has an effect, given the others."""
        if name not in USED_BY:
            return True
        other, values = USED_BY[name]
        return getattr(self, other) in values

    def differences(self, other: Hyperparameters) -> dict[str, tuple[Any, Any]]:
        """The fields that differ, as field -> (value here, value there)."""
        pairs = {f.name: (getattr(self, f.name), getattr(other, f.name)) for f in fields(self)}
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _listed(layers: object) -> tuple[Any, ...]:
    """The layers; anything but a tuple becomes the only layer, so that `trace` reports it."""
    return layers if isinstance(layers, tuple) else (layers,)


def _with_layers(values: Mapping[str, Any]) -> dict[str, Any]:
    """Replaces `hidden_layer_sizes`, `activation` and `dropout` by `layers`; keeps them if `layers` is there too."""
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
