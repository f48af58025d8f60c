"""What is needed to go on, as bytes."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from training.ml.config.hyperparameters import Hyperparameters
from training.ml.config.templates import dense
from training.ml.engines import Checkpoint, InvalidCheckpoint
from training.ml.engines.points import Best, Tally
from training.ml.formats.tensors import pack

H = Hyperparameters(batch_size=10, epochs=5)
CHECKPOINT = Checkpoint(
    engine="numpy",
    hyperparameters=H,
    images=100,
    step=17,
    seconds=0.1 + 0.2,
    tally=Tally(loss=1 / 3, correct=4, images=7),
    best=Best(epoch=1, value=0.25),
    arrays={"parameters": np.linspace(0, 1, 9, dtype=np.float32), "mean": np.zeros(9, np.float32)},
)


def test_bytes_keep_every_bit() -> None:
    back = Checkpoint.from_bytes(CHECKPOINT.to_bytes())

    for name, array in CHECKPOINT.arrays.items():
        np.testing.assert_array_equal(back.arrays[name], array)
        assert back.arrays[name].dtype == array.dtype
    assert replace(back, arrays={}) == replace(CHECKPOINT, arrays={})


@pytest.mark.parametrize("length", [0, 7, 8, 100, -1])
def test_truncated_bytes_are_refused(length: int) -> None:
    with pytest.raises(InvalidCheckpoint, match="The checkpoint is damaged"):
        Checkpoint.from_bytes(CHECKPOINT.to_bytes()[:length])


@pytest.mark.parametrize("position", range(0, 1000, 37))
def test_any_flipped_bit_is_refused_or_harmless(position: int) -> None:
    damaged = bytearray(CHECKPOINT.to_bytes())
    damaged[position % len(damaged)] ^= 1
    try:
        back = Checkpoint.from_bytes(bytes(damaged))
    except InvalidCheckpoint:
        return
    # In the words of the header a bit may turn one number into another; the arrays are sealed.
    for name, array in CHECKPOINT.arrays.items():
        np.testing.assert_array_equal(back.arrays[name], array)


def test_a_flipped_bit_in_the_arrays_is_noticed() -> None:
    damaged = bytearray(CHECKPOINT.to_bytes())
    damaged[-3] ^= 1
    with pytest.raises(InvalidCheckpoint, match="doesn't match its checksum"):
        Checkpoint.from_bytes(bytes(damaged))


def test_another_safetensors_blob_is_no_checkpoint() -> None:
    with pytest.raises(InvalidCheckpoint, match="damaged"):
        Checkpoint.from_bytes(pack({"parameters": np.zeros(3)}, {"format": "another/1"}))


@pytest.mark.parametrize(
    "change",
    [{"epochs": 15}, {"learning_rate": 1e-4}, {"momentum": 0.5}, {"l2": 0.1}, {"schedule": "cosine"}],
)
def test_what_leaves_the_steps_their_meaning_may_change(change: dict[str, Any]) -> None:
    CHECKPOINT.check("numpy", replace(H, **change), 100)


@pytest.mark.parametrize(
    ("engine", "change", "images", "message"),
    [
        ("numpy", {"layers": dense(5)}, 100, "made with another layers"),
        ("numpy", {"seed": 1, "optimizer": "sgd"}, 100, "made with another optimizer, seed"),
        ("numpy", {}, 101, "of engine numpy and 100 images, not of engine numpy and 101"),
        ("torch", {}, 100, "not of engine torch"),
        ("numpy", {"epochs": 1}, 100, "further than 1 epochs"),
    ],
)
def test_another_training_is_refused(engine: str, change: dict[str, Any], images: int, message: str) -> None:
    with pytest.raises(InvalidCheckpoint, match=message):
        CHECKPOINT.check(engine, replace(H, **change), images)
