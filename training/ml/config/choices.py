"""The fields of hyperparameters: their choices, their limits, and when a field has an effect."""

from training.ml.config.limits import Limit

# name -> label. The registries of functions in training.ml.nn have the same keys.
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


_ADAMS = frozenset({"adam", "adamw", "nadam"})

# field -> (other field, values of the other field with which this field has an effect). All others always have one.
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


# These may be None.
OPTIONAL = frozenset({"training_images", "max_seconds", "target_accuracy", "patience"})
