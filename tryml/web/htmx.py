"""The requests that views get."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails


class HtmxRequest(HttpRequest):
    """A request as HtmxMiddleware hands it on: `htmx` is true for one that htmx sent."""

    htmx: HtmxDetails
