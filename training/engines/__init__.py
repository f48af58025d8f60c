"""Engines train networks: each takes hyperparameters and images and yields its progress, and all think alike of it."""

from training.engines.checkpoint import Checkpoint, InvalidCheckpoint
from training.engines.engine import Diverged, Engine
from training.engines.evaluation import Evaluation, evaluate
from training.engines.examples import Examples, Split, split
from training.engines.numpy_engine import NumpyEngine
from training.engines.progress import Point, Progress

ENGINES: dict[str, Engine] = {"numpy": NumpyEngine()}

__all__ = [
    "ENGINES",
    "Checkpoint",
    "Diverged",
    "Engine",
    "Evaluation",
    "Examples",
    "InvalidCheckpoint",
    "Point",
    "Progress",
    "Split",
    "evaluate",
    "split",
]
