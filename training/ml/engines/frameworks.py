"""Engines that use another package; it is imported only when the engine trains."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module, metadata
from importlib.util import find_spec
from shutil import which

from training.ml.config.hyperparameters import Hyperparameters
from training.ml.engines.capabilities import Capabilities
from training.ml.engines.engine import Engine
from training.ml.engines.errors import Unsupported
from training.ml.engines.trainer import Trainer
from training.ml.nn import Network

logger = logging.getLogger(__name__)

HAS_GPU = which("nvidia-smi") is not None  # nvidia-smi comes with NVIDIA's driver
REVISION = 1  # of our code; raise it when the same training gives other results


class Framework(Engine):
    """An engine whose trainer is the class `trainer_name` in the module trainers.`name`_trainer.

    The extra in pyproject.toml that installs it is `name`, or `name`-gpu where there is an NVIDIA GPU. `package` is
    the module to import. `version` names the installed `distributions`. `footprint` is in megabytes here.
    """

    def __init__(
        self,
        name: str,
        label: str,
        trainer_name: str,
        package: str,
        distributions: tuple[str, ...],
        footprint: int,
        capabilities: Capabilities | None = None,
        *,
        may_use_gpu: bool = True,
    ) -> None:
        self.name, self.label, self.trainer_name = name, label, trainer_name
        self.capabilities = capabilities or Capabilities()
        self.footprint = footprint * 1_000_000
        self.version = f"{REVISION} on {', '.join(_versions(distributions))}"
        self.may_use_gpu = may_use_gpu and HAS_GPU
        extra = f"{name}-gpu" if self.may_use_gpu else name
        self.command = f".venv/bin/pip install -c constraints.txt -e '.[{extra}]'"
        self.missing = "" if find_spec(package) else self.command

    def trainer(self, hyperparameters: Hyperparameters, network: Network) -> Trainer:
        if self.missing:
            raise Unsupported(f"{self.label} isn't installed here. To install it: {self.missing}")
        module = import_module(f"training.ml.engines.trainers.{self.name}_trainer")
        trainer: Trainer = getattr(module, self.trainer_name)(hyperparameters, network)
        if self.may_use_gpu and not trainer.device:
            logger.warning("%s trains without this machine's GPU. To let it: %s", self.label, self.command)
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
        Capabilities(
            layer_types=frozenset({"dense", "flatten"}),
            activations=frozenset({"relu", "tanh", "sigmoid", "linear"}),
            has_one_activation=True,
            choices={
                "optimizer": frozenset({"adam", "nesterov", "momentum", "sgd"}),
                "loss": frozenset({"cross_entropy"}),
            },
            lacks=frozenset({"l1", "clip_norm", "label_smoothing"}),
        ),
        may_use_gpu=False,
    ),
    Framework("torch", "PyTorch", "TorchTrainer", "torch", ("torch",), 220),
    Framework("jax", "JAX", "JaxTrainer", "jax", ("jax", "jaxlib"), 230),
    Framework(
        "tensorflow", "TensorFlow", "TensorflowTrainer", "tensorflow", ("tensorflow", "tensorflow-cpu"), 690
    ),
)
