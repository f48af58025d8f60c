"""Frameworks are there or not, and nothing of them is imported before they train."""

import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

import pytest

from digits.datasets import Split
from training.ml.config.hyperparameters import Hyperparameters
from training.ml.engines import ENGINES, Unsupported, frameworks
from training.ml.engines.frameworks import Framework
from training.ml.nn import Network


@pytest.fixture
def absent() -> Framework:
    return Framework("absent", "Absent", "AbsentTrainer", "no_such_package", ("no-such-distribution",), 0)


def test_a_missing_framework_names_the_command_that_installs_it(absent: Framework) -> None:
    assert absent.missing == ".venv/bin/pip install -c constraints.txt -e '.[absent]'"
    assert not absent.can_train(Hyperparameters())


@pytest.fixture
def with_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frameworks, "HAS_GPU", True)


def test_beside_a_gpu_the_command_installs_what_that_needs(with_gpu: None) -> None:
    extras = tomllib.loads(Path("pyproject.toml").read_text())["project"]["optional-dependencies"]
    for name in ("torch", "jax", "tensorflow"):
        beside = Framework(name, "Absent", "AbsentTrainer", "no_such_package", (), 0)
        assert beside.missing == f".venv/bin/pip install -c constraints.txt -e '.[{name}-gpu]'"
        assert f"{name}-gpu" in extras


@pytest.mark.usefixtures("with_gpu")
@pytest.mark.parametrize(
    ("may_use_gpu", "device", "warnings"), [(True, "", 1), (True, "H200", 0), (False, "", 0)]
)
def test_a_framework_that_trains_beside_a_gpu_is_logged(
    may_use_gpu: bool,
    device: str,
    warnings: int,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    hyperparameters = Hyperparameters(layers=())
    engine = Framework("sklearn", "Slow", "SklearnTrainer", "sklearn", (), 0, may_use_gpu=may_use_gpu)
    monkeypatch.setattr("training.ml.engines.trainers.sklearn_trainer.SklearnTrainer.device", device)

    engine.trainer(hyperparameters, Network.for_hyperparameters(hyperparameters))

    assert [record.getMessage() for record in caplog.records] == warnings * [
        "Slow trains without this machine's GPU. To let it: "
        ".venv/bin/pip install -c constraints.txt -e '.[sklearn-gpu]'"
    ]


def test_a_missing_framework_refuses_to_train(absent: Framework, train: Split, validation: Split) -> None:
    with pytest.raises(Unsupported, match=r"Absent isn't installed here\. To install it: \.venv/bin/pip"):
        absent.fit(Hyperparameters(), train, validation)


def test_the_version_names_what_the_results_depend_on() -> None:
    assert ENGINES["sklearn"].version == f"1 on scikit-learn {metadata.version('scikit-learn')}"


def test_scikit_learn_is_always_there() -> None:
    assert ENGINES["sklearn"].missing == ""


def test_no_framework_is_imported_with_the_engines() -> None:
    code = "import sys, training.ml.engines; print(*sys.modules)"

    modules = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()

    assert not {"sklearn", "torch", "jax", "tensorflow", "keras"} & set(modules)


# name -> how many threads its module computes with
THREADS: dict[str, Callable[[Any], int]] = {
    "torch": lambda module: module.torch.get_num_threads(),
    "jax": lambda module: int(os.environ["NPROC"]),
    "tensorflow": lambda module: module.tf.config.threading.get_intra_op_parallelism_threads(),
}


def test_frameworks_take_as_many_threads_as_linear_algebra_does() -> None:
    hyperparameters = Hyperparameters(layers=())
    for name in (name for name in THREADS if not ENGINES[name].missing):
        ENGINES[name].trainer(hyperparameters, Network.for_hyperparameters(hyperparameters))

        module = import_module(f"training.ml.engines.trainers.{name}_trainer")
        assert THREADS[name](module) == int(os.environ["OPENBLAS_NUM_THREADS"])
