"""Checkpoints: everything needed to resume a training, taken at the end of any block of steps."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.ml.config.hyperparameters import Hyperparameters
from training.ml.engines.points import Best, Tally
from training.ml.formats.tensors import DamagedTensors, pack, unpack

FORMAT = "tryml-checkpoint/2"
# Fields that may change when a training is resumed: the steps already made stay valid with any value.
CHANGEABLE = frozenset(
    {
        "epochs",
        "max_seconds",
        "target_accuracy",
        "patience",
        "learning_rate",
        "learning_rate_changes",
        "schedule",
    }
    | {"decay_rate", "decay_epochs", "power", "final_share", "warmup_epochs"}
    | {"momentum", "weight_decay", "l1", "l2", "clip_norm"}
)


class InvalidCheckpoint(ValueError):
    """Raised when a checkpoint is damaged or belongs to another training."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of a training after `step` steps.

    It holds no random state: all random numbers follow from the seed and the step.
    """

    engine: str
    hyperparameters: Hyperparameters
    images: int  # training images, validation not counted
    step: int
    seconds: float  # of training so far
    tally: Tally  # since the last point
    best: Best | None  # None before the end of the first epoch
    # The trainer's state: "parameters" and the optimiser's slots. "best": the parameters of the best epoch, if any.
    arrays: Mapping[str, NDArray[Any]]

    def to_bytes(self) -> bytes:
        """The checkpoint as bytes; `from_bytes` restores it bit for bit."""
        record = {
            "engine": self.engine,
            "hyperparameters": self.hyperparameters.to_dict(),
            "images": self.images,
            "step": self.step,
            "seconds": self.seconds,
            "tally": asdict(self.tally),
            "best": self.best and asdict(self.best),
        }
        metadata = {"format": FORMAT, "training": json.dumps(record), "crc32": _checksum(self.arrays)}
        return pack(self.arrays, metadata)

    @classmethod
    def from_bytes(cls, blob: bytes) -> Checkpoint:
        """Reads the bytes of `to_bytes`; raises InvalidCheckpoint if they are damaged or something else."""
        try:
            arrays, metadata = unpack(blob)
            if metadata.get("format") != FORMAT or metadata.get("crc32") != _checksum(arrays):
                raise InvalidCheckpoint("The checkpoint is damaged: its content doesn't match its checksum.")
            record = json.loads(metadata["training"])
            record["hyperparameters"] = Hyperparameters.from_dict(record["hyperparameters"])
            record["tally"] = Tally(**record["tally"])
            record["best"] = record["best"] and Best(**record["best"])
            return cls(**record, arrays=arrays)
        except InvalidCheckpoint:
            raise
        except (DamagedTensors, KeyError, TypeError, ValueError) as error:
            raise InvalidCheckpoint(f"The checkpoint is damaged: {error}.") from error

    def check(self, engine: str, hyperparameters: Hyperparameters, images: int) -> None:
        """Raises InvalidCheckpoint unless a training with this engine, these hyperparameters and this number of
        training images can resume from here.
        """
        differing = set(self.hyperparameters.differences(hyperparameters)) - CHANGEABLE
        if differing:
            raise InvalidCheckpoint(f"The checkpoint was made with another {', '.join(sorted(differing))}.")
        if self.step > hyperparameters.epochs * -(-images // hyperparameters.batch_size):
            raise InvalidCheckpoint(f"The checkpoint is further than {hyperparameters.epochs} epochs.")
        if (self.engine, self.images) != (engine, images):
            raise InvalidCheckpoint(
                f"The checkpoint is of engine {self.engine} and {self.images:,} images, "
                f"not of engine {engine} and {images:,}."
            )


def _checksum(arrays: Mapping[str, NDArray[Any]]) -> str:
    checksum = 0
    for name in sorted(arrays):
        checksum = zlib.crc32(name.encode(), checksum)
        checksum = zlib.crc32(np.ascontiguousarray(arrays[name]).data, checksum)
    return f"{checksum:08x}"
