"""Experiments: named sets of runs."""

from typing import Any, Self

from django.conf import settings
from django.db import models


class ExperimentQuerySet(models.QuerySet["Experiment"]):
    def of(self, user: object) -> Self:
        """The experiments that `user` may see: their own."""
        return self.filter(owner=user)


class Experiment(models.Model):
    """A named set of runs with notes."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="experiments")
    name = models.CharField(max_length=100)
    note = models.TextField(max_length=5000, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ExperimentQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)
        indexes = (models.Index(fields=["owner", "-created_at"]),)

    def __str__(self) -> str:
        return self.name

    @classmethod
    def named(cls, name: str, owner: Any) -> "Experiment":
        """The owner's latest experiment of that name; created if there is none."""
        # Names may repeat: a guest's experiments moved to an account that has one of the same name.
        found = cls.objects.filter(owner=owner, name=name).first()
        return found or cls.objects.create(owner=owner, name=name)
