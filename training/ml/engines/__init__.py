"""Engines train networks: each takes hyperparameters and images, and yields its progress."""

from training.ml.data.selection import split
from training.ml.engines.checkpoint import Checkpoint, InvalidCheckpoint
from training.ml.engines.engine import Engine
from training.ml.engines.errors import Diverged, Unsupported
from training.ml.engines.frameworks import FRAMEWORKS
from training.ml.engines.points import Best, Point
from training.ml.engines.progress import Progress
from training.ml.engines.trainers.numpy_trainer import NumpyEngine
from training.ml.evaluation.evaluate import Evaluation, evaluate

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
