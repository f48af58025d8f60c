from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from tryml.accounts.models import Preferences


def preferences(request: HttpRequest) -> dict[str, Any]:
    """Add the visitor's preferences, queried only if a template uses them."""
    return {"preferences": SimpleLazyObject(lambda: Preferences.of(getattr(request, "user", None)))}
