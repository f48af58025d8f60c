from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from tryml.accounts.models import Preferences


def preferences(request: HttpRequest) -> dict[str, Any]:
    """What the visitor prefers, looked up where a template asks for it."""
    return {"preferences": SimpleLazyObject(lambda: Preferences.of(getattr(request, "user", None)))}
