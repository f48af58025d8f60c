"""Engines on a GPU, or on what is put on as one."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from digits.datasets import Split
from tests.training.ml.engines.test_agreement import CASES, CHANCE, asked, last, losses
from training.ml.engines import ENGINES, Checkpoint
from training.ml.nn import Network

Patch = pytest.MonkeyPatch


@pytest.fixture
def gpu(monkeypatch: Patch) -> Iterator[Any]:
    """A GPU for PyTorch to train on, put on."""
    torch = pytest.importorskip("torch")
    from tests.training.ml.engines.put_on_gpu import GPU, Gpu
    from training.ml.engines.trainers import torch_trainer

    chance = torch.Generator()
    monkeypatch.setattr(torch_trainer, "chosen", lambda: GPU)
    monkeypatch.setattr(torch_trainer, "Generator", lambda device: chance)
    with Gpu() as gpu:
        yield gpu


# Recurrent layers have kernels of their own on a GPU, which only a real one has.
@pytest.mark.parametrize("case", [case for case in CASES if case != "recurrent"])
def test_on_a_gpu_a_training_comes_to_the_same_losses(
    case: str, train: Split, validation: Split, gpu: Any
) -> None:
    hyperparameters = asked(CASES[case])
    expected = losses(ENGINES["numpy"], hyperparameters, train, validation)
    assert not gpu.operations

    found = losses(ENGINES["torch"], hyperparameters, train, validation)

    assert gpu.operations > 100
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_on_a_gpu_an_interrupted_run_ends_with_the_same_weights(
    train: Split, validation: Split, gpu: Any
) -> None:
    engine, hyperparameters = ENGINES["torch"], asked(CHANCE)

    whole = last(engine, hyperparameters, train, validation)
    blob = last(engine, hyperparameters, train, validation, until=13).checkpoint().to_bytes()
    resumed = last(engine, hyperparameters, train, validation, Checkpoint.from_bytes(blob))

    np.testing.assert_allclose(resumed.network().parameters, whole.network().parameters, rtol=1e-6, atol=1e-6)


def test_what_is_put_on_keeps_its_memory_to_itself(gpu: Any) -> None:
    import torch

    here = torch.ones(3)
    there = here.to("meta")

    with pytest.raises(RuntimeError, match="expected all tensors on the GPU"):
        there + here
    with pytest.raises(RuntimeError):
        there.numpy()
    assert (there + there).cpu().tolist() == [2, 2, 2]


@pytest.mark.parametrize("case", CASES)
def test_what_jax_compiles_can_be_had_for_a_gpu(case: str) -> None:
    pytest.importorskip("jax")
    hyperparameters = asked(CASES[case])
    network = Network.for_hyperparameters(hyperparameters)
    trainer: Any = ENGINES["jax"].trainer(hyperparameters, network)
    images, targets = np.zeros((53, 784), np.uint8), np.eye(10, dtype=np.float32)[np.zeros(53, int)]
    arrays = (trainer.trained, trainer.statistics, trainer.slots, trainer.weights)
    factors = trainer.rule.factors(hyperparameters, 1, 0.01)
    seed = np.zeros(2, np.uint32)

    step = trainer.program.step.trace(*arrays, images, targets, seed, np.array(factors, np.float32))
    logits = trainer.program.logits.trace(trainer.trained, trainer.statistics, images)

    for traced in (step, logits):
        assert "stablehlo.dot_general" in traced.lower(lowering_platforms=("cuda",)).as_text()


def _torch_has_one(monkeypatch: Patch) -> None:
    import torch

    from training.ml.engines.trainers import torch_trainer

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: {"cuda": "NVIDIA H200"}[device.type])
    # Without a GPU a build for the processor can't go on from here.
    monkeypatch.setattr(torch_trainer, "Generator", lambda device: None)
    monkeypatch.setattr(torch_trainer.TorchTrainer, "put", lambda self, array: array)


def _jax_has_one(monkeypatch: Patch) -> None:
    import jax

    device = SimpleNamespace(platform="gpu", device_kind="NVIDIA H200")
    monkeypatch.setattr(jax, "devices", lambda: [device])


def _tensorflow_has_one(monkeypatch: Patch) -> None:
    from training.ml.engines.trainers import tensorflow_trainer

    monkeypatch.setattr(tensorflow_trainer, "GPUS", ["NVIDIA H200", "another"])


WITH_GPU: dict[str, Callable[[Patch], None]] = {
    "torch": _torch_has_one,
    "jax": _jax_has_one,
    "tensorflow": _tensorflow_has_one,
}


@pytest.mark.parametrize("name", [name for name in WITH_GPU if not ENGINES[name].missing])
def test_a_framework_takes_the_gpu_and_names_it(name: str, monkeypatch: Patch) -> None:
    hyperparameters = asked({"layers": ()})
    network = Network.for_hyperparameters(hyperparameters)
    without = ENGINES[name].trainer(hyperparameters, network).device

    WITH_GPU[name](monkeypatch)

    assert ENGINES[name].trainer(hyperparameters, network).device == "NVIDIA H200"
    assert without == ""
