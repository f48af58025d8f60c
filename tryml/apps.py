"""The Django application."""

from django.apps import AppConfig


class TrymlConfig(AppConfig):
    name = "tryml"

    def ready(self) -> None:
        # Before any actor is declared: an actor belongs to the broker of that moment.
        from tryml.broker import connect

        connect()
