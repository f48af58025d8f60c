"""A training's settings, and the checks of them."""

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
    """Raised when hyperparameters can't be trained with; `problems` maps fields to messages for people."""

    def __init__(self, problems: dict[str, str]) -> None:
        self.problems = problems
        super().__init__(" ".join(f"{field}: {message}" for field, message in problems.items()))


@dataclass(frozen=True, slots=True)
class Hyperparameters:
    """One training's settings, spelt as in Keras; see HELP for the meaning and LIMITS for the range of each.

    `layers` are the hidden ones, as in training.ml.config.architecture; a softmax over the ten digits follows them.
    `l1` and `l2` add l1 · Σ|w| + l2/2 · Σw² over the weights (not the biases) to the loss. `training_images` counts the
    validation images too; None takes all. `learning_rate_changes` are changes made during the training, each
    a step and the base rate from it on.
    """

    # Hidden layers; the output follows them.
    layers: tuple[dict[str, Any], ...] = field(default_factory=lambda: dense(128, 64))
    initializer: str = "he_normal"  # how the weights start

    optimizer: str = "adam"  # how a step follows from the gradient
    learning_rate: float = 1e-3  # η, at the start of the schedule
    batch_size: int = 128  # images per step
    loss: str = "cross_entropy"  # the function that the training makes small
    momentum: float = 0.9  # μ: share of the last step carried on; momentum and Nesterov
    rho: float = 0.9  # ρ: decay of the squared gradient; RMSProp and Adadelta
    beta_1: float = 0.9  # β₁: decay of the mean gradient; Adam and its kin
    beta_2: float = 0.999  # β₂: decay of the squared gradient; Adam and its kin
    epsilon: float = 1e-7  # ε: keeps a divisor above zero
    weight_decay: float = 0.01  # λ of AdamW
    schedule: str = "constant"  # how the learning rate changes
    decay_rate: float = 0.5  # factor per `decay_epochs`; step and exponential
    decay_epochs: float = 2.0  # epochs per factor
    power: float = 1.0  # exponent of the polynomial schedule
    final_share: float = 0.0  # final learning rate, as a fraction of the first
    warmup_epochs: float = 0.0  # epochs in which the learning rate rises from zero
    l1: float = 0.0  # factor of Σ|w|
    l2: float = 0.0  # factor of Σw²/2
    clip_norm: float = 0.0  # longest Euclidean norm of a step's gradient; 0 for no limit
    label_smoothing: float = 0.0  # share of the target spread over all classes

    augment_shift: float = 0.0  # pixels, at most
    augment_rotate: float = 0.0  # degrees, at most
    augment_scale: float = 0.0  # fraction, at most
    augment_shear: float = 0.0  # degrees, at most
    augment_stroke: float = 0.0  # pixels of thickness, at most
    augment_elastic: float = 0.0  # pixels, about
    augment_noise: float = 0.0  # standard deviation, as a fraction of white

    training_images: int | None = None  # how many, validation included; None for all
    class_balance: str = "natural"  # how often each class comes
    label_noise: float = 0.0  # fraction of training labels made wrong
    validation_split: float = 0.1  # fraction of the images kept aside
    seed: int = 0  # of all randomness

    epochs: int = 5  # passes over the training images
    max_seconds: float | None = None  # stop rule: seconds of training
    target_accuracy: float | None = None  # stop rule: validation accuracy, 0–1
    patience: int | None = None  # stop rule: epochs without a better one
    monitor: str = "val_loss"  # the metric that says which epoch is the best

    learning_rate_changes: tuple[tuple[int, float], ...] = ()  # (step, base rate from it on)

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
