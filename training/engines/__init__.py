"""Engines train networks: each takes hyperparameters and images, and yields its progress."""

from training.engines.checkpoint import Checkpoint, InvalidCheckpoint
from training.engines.engine import Diverged, Engine
from training.engines.evaluation import Evaluation, evaluate
from training.engines.numpy_engine import NumpyEngine
from training.engines.progress import Point, Progress
from training.engines.validation import split

ENGINES: dict[str, Engine] = {"numpy": NumpyEngine()}

__all__ = [
    "ENGINES",
    "Checkpoint",
    "Diverged",
    "Engine",
    "Evaluation",
    "InvalidCheckpoint",
    "Point",
    "Progress",
    "evaluate",
    "split",
]
