"""Engines around installed packages, which are imported only when they train."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module, metadata
from importlib.util import find_spec

from training.engines.abilities import Abilities
from training.engines.engine import Engine, Trainer, Unsupported
from training.hyperparameters import Hyperparameters
from training.nn import Network

REVISION = 1  # of our part; raised when the same training comes to other results


class Framework(Engine):
    """`name` is also that of the extra in pyproject.toml, and of the module here that holds `trainer_name`.

    `package` is what it imports, `distributions` are those whose versions matter, as far as they are installed,
    `footprint` is in megabytes.
    """

    def __init__(
        self,
        name: str,
        label: str,
        trainer_name: str,
        package: str,
        distributions: tuple[str, ...],
        footprint: int,
        abilities: Abilities | None = None,
    ) -> None:
        self.name, self.label, self.trainer_name = name, label, trainer_name
        self.abilities = abilities or Abilities()
        self.footprint = footprint * 1_000_000
        self.version = f"{REVISION} on {', '.join(_versions(distributions))}"
        is_there = find_spec(package) is not None
        self.missing = "" if is_there else f".venv/bin/pip install -c constraints.txt -e '.[{name}]'"

    def trainer(self, hyperparameters: Hyperparameters, network: Network) -> Trainer:
        if self.missing:
            raise Unsupported(f"{self.label} isn't installed here. To install it: {self.missing}")
        module = import_module(f"training.engines.{self.name}_engine")
        trainer: Trainer = getattr(module, self.trainer_name)(hyperparameters, network)
        return trainer


def _versions(distributions: tuple[str, ...]) -> Iterator[str]:
    for distribution in distributions:
        with suppress(metadata.PackageNotFoundError):
            yield f"{distribution} {metadata.version(distribution)}"


FRAMEWORKS = (
    Framework(
        "sklearn",
        "scikit-learn",
        "SklearnTrainer",
        "sklearn",
        ("scikit-learn",),
        70,
        Abilities(
            layer_types=frozenset({"dense", "flatten"}),
            activations=frozenset({"relu", "tanh", "sigmoid", "linear"}),
            has_one_activation=True,
            choices={
                "optimizer": frozenset({"adam", "nesterov", "momentum", "sgd"}),
                "loss": frozenset({"cross_entropy"}),
            },
            lacks=frozenset({"l1", "clip_norm", "label_smoothing"}),
        ),
    ),
    Framework("torch", "PyTorch", "TorchTrainer", "torch", ("torch",), 220),
    Framework("jax", "JAX", "JaxTrainer", "jax", ("jax", "jaxlib"), 230),
    Framework(
        "tensorflow", "TensorFlow", "TensorflowTrainer", "tensorflow", ("tensorflow", "tensorflow-cpu"), 690
    ),
)
