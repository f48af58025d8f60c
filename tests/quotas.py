"""Quotas for tests."""

from typing import Any


def limit(settings: Any, **most: float) -> None:
    """Let each user's runs take no more than this; see training.estimates.quotas.Quota."""
    settings.RUN_QUOTAS = {who: {**quota, **most} for who, quota in settings.RUN_QUOTAS.items()}
