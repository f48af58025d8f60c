"""The Django application."""

from django.apps import AppConfig


class TrymlConfig(AppConfig):
    name = "tryml"

    def ready(self) -> None:
        # Before any actor is declared: an actor keeps the broker that is set when it is declared.
        from tryml.broker import connect

        connect()
