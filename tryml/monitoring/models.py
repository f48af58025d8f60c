"""Log records and events of web and worker processes, for an administrator to search."""

from datetime import timedelta

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone


class Level(models.IntegerChoices):
    """The importance of a record, with the numbers of `logging`."""

    DEBUG = 10, "debug"
    INFO = 20, "info"
    WARNING = 30, "warning"
    ERROR = 40, "error"
    CRITICAL = 50, "critical"


class Entry(models.Model):
    """A message with its time, and with its user and run where it has them."""

    time = models.DateTimeField(default=timezone.now)
    level = models.PositiveSmallIntegerField(choices=Level, default=Level.INFO)
    message = models.TextField()
    # 1. A process logs something about a user. 2. The user is deleted. 3. The record reaches the database.
    # A constraint would refuse it.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="%(class)ss",
    )
    run = models.BigIntegerField(null=True, blank=True)

    class Meta:
        abstract = True
        ordering = ("-time", "-id")
        indexes = (
            models.Index(fields=["-time", "-id"], name="%(class)s_time"),
            models.Index(fields=["level", "-time"], name="%(class)s_level"),
            models.Index(fields=["user", "-time"], name="%(class)s_user"),
            models.Index(fields=["run", "-time"], name="%(class)s_run"),
        )

    def __str__(self) -> str:
        return self.message[:80]

    @classmethod
    def prune(cls, days: int) -> int:
        """Delete the rows that are older than `days` days and return their number."""
        return cls._base_manager.filter(time__lt=timezone.now() - timedelta(days=days)).delete()[0]


class LogRecord(Entry):
    """A record of Python's `logging`."""

    logger = models.CharField(max_length=200)
    traceback = models.TextField(blank=True)
    role = models.CharField(max_length=50)  # of the process: web, worker-1 …
    host = models.CharField(max_length=255)
    process = models.PositiveIntegerField("process id")
    method = models.CharField(max_length=10, blank=True)
    path = models.CharField(max_length=500, blank=True)
    status = models.PositiveSmallIntegerField(null=True, blank=True)


class Event(Entry):
    """Something an administrator should know; see `events.record`."""

    kind = models.CharField(max_length=50)
    data = models.JSONField(default=dict, blank=True, encoder=DjangoJSONEncoder)
