from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "tryml.accounts"

    def ready(self) -> None:
        # Models can't be imported before this point.
        from tryml.accounts.health import figures
        from tryml.monitoring.dashboard import Source, register

        register(Source(figures=figures))
