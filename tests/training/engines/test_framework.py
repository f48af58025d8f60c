"""Frameworks are there or not, and nothing of them is imported before they train."""

import os
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module, metadata
from typing import Any

import pytest

from digits.datasets import Split
from training.engines import ENGINES, Unsupported
from training.engines.framework import Framework
from training.hyperparameters import Hyperparameters
from training.nn import Network


@pytest.fixture
def absent() -> Framework:
    return Framework("absent", "Absent", "AbsentTrainer", "no_such_package", ("no-such-distribution",), 0)


def test_a_missing_framework_names_the_command_that_installs_it(absent: Framework) -> None:
    assert absent.missing == ".venv/bin/pip install -c constraints.txt -e '.[absent]'"
    assert not absent.can_train(Hyperparameters())


def test_a_missing_framework_refuses_to_train(absent: Framework, train: Split, validation: Split) -> None:
    with pytest.raises(Unsupported, match=r"Absent isn't installed here\. To install it: \.venv/bin/pip"):
        absent.fit(Hyperparameters(), train, validation)


def test_the_version_names_what_the_results_depend_on() -> None:
    assert ENGINES["sklearn"].version == f"1 on scikit-learn {metadata.version('scikit-learn')}"


def test_scikit_learn_is_always_there() -> None:
    assert ENGINES["sklearn"].missing == ""


def test_no_framework_is_imported_with_the_engines() -> None:
    code = "import sys, training.engines; print(*sys.modules)"

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

        module = import_module(f"training.engines.{name}_engine")
        assert THREADS[name](module) == int(os.environ["OPENBLAS_NUM_THREADS"])
