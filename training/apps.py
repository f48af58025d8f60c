"""The Django application."""

from django.apps import AppConfig


class TrainingConfig(AppConfig):
    name = "training"

    def ready(self) -> None:
        # Models can be imported from here on, not before.
        from training import health
        from tryml.monitoring.dashboard import Source, register

        register(Source(health.troubles, health.figures, health.charts))
