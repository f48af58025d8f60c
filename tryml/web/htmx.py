"""The type of the requests that views get from HtmxMiddleware."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails


class HtmxRequest(HttpRequest):
    """A request that has passed HtmxMiddleware: `htmx` is true if htmx sent it."""

    htmx: HtmxDetails
