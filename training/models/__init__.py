"""What trainings keep: experiments, runs and all that belongs to them, networks, shares, speeds."""

from training.models.checkpoint import Checkpoint
from training.models.experiment import Experiment, ExperimentQuerySet
from training.models.log_line import LogLine
from training.models.network import InitialNetwork, Network
from training.models.point import Point
from training.models.queue import RunQuerySet
from training.models.run import Run
from training.models.share import Share, ShareQuerySet, share_key
from training.models.speed import Speed
from training.models.status import ACTIVE, ENDED, LEAVES, LeaseLost, Request, Status

__all__ = [
    "ACTIVE",
    "ENDED",
    "LEAVES",
    "Checkpoint",
    "Experiment",
    "ExperimentQuerySet",
    "InitialNetwork",
    "LeaseLost",
    "LogLine",
    "Network",
    "Point",
    "Request",
    "Run",
    "RunQuerySet",
    "Share",
    "ShareQuerySet",
    "Speed",
    "Status",
    "share_key",
]
