"""The statuses of a run, and the requests of its owner."""

from django.db import models


class LeaseLost(Exception):
    """Raised when a worker writes to a run that another worker has taken, or that was deleted."""


class Status(models.TextChoices):
    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    FAILED = "failed"
    STOPPED = "stopped"


class Request(models.TextChoices):
    """A request of the owner that the worker has not carried out yet."""

    NONE = "", "nothing"
    PAUSE = "pause"
    STOP = "stop"
    # Train one batch, or to the end of the epoch, then pause.
    BATCH = "batch"
    EPOCH = "epoch"


ACTIVE = (Status.QUEUED, Status.RUNNING, Status.PAUSED)


ENDED = (Status.FINISHED, Status.STOPPED, Status.FAILED)


LEAVES = frozenset({Request.PAUSE, Request.STOP})  # requests at which a worker leaves the run
