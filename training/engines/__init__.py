"""Engines train networks: each takes hyperparameters and images, and yields its progress."""

from training.engines.checkpoint import Checkpoint, InvalidCheckpoint
from training.engines.engine import Diverged, Engine, Unsupported
from training.engines.evaluation import Evaluation, evaluate
from training.engines.framework import FRAMEWORKS
from training.engines.numpy_engine import NumpyEngine
from training.engines.progress import Best, Point, Progress
from training.selection import split

ENGINES: dict[str, Engine] = {engine.name: engine for engine in (NumpyEngine(), *FRAMEWORKS)}

__all__ = [
    "ENGINES",
    "Best",
    "Checkpoint",
    "Diverged",
    "Engine",
    "Evaluation",
    "InvalidCheckpoint",
    "Point",
    "Progress",
    "Unsupported",
    "evaluate",
    "split",
]
