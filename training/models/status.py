"""The statuses of a run, and what its owner may ask of it."""

from django.db import models


class LeaseLost(Exception):
    """Raised when a worker writes to a run that another worker has taken over, or that is gone."""


class Status(models.TextChoices):
    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    FAILED = "failed"
    STOPPED = "stopped"


class Request(models.TextChoices):
    """What the owner has asked of a run and the worker has not done yet."""

    NONE = "", "nothing"
    PAUSE = "pause"
    STOP = "stop"
    # Train one batch, or to the end of the epoch, and pause there.
    BATCH = "batch"
    EPOCH = "epoch"


ACTIVE = (Status.QUEUED, Status.RUNNING, Status.PAUSED)


ENDED = (Status.FINISHED, Status.STOPPED, Status.FAILED)


LEAVES = frozenset({Request.PAUSE, Request.STOP})  # requests at which a worker leaves the run
