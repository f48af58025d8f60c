"""The addresses for pages on other sites: the widget's script, a shared network's version and weights, corrections.

No user is signed in here: no cookie is read or set, and the share alone decides what is allowed.
"""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import condition, require_http_methods, require_safe

from digits.ink.checks import RefusedDrawing
from training.ml.starter.recipe import TITLES
from training.models import Share
from training.sharing import shared_network, widget_bundle
from training.sharing.corrections import MOST_BYTES, Correction, keep
from tryml.web.rate_limit import within

DAY = 24 * 60 * 60  # seconds
YEAR = 365 * DAY


class Refusal(Exception):
    """Raised when a request from another site is refused; its text is one or two sentences for the visitor there."""

    def __init__(self, status: int, reason: str) -> None:
        self.status = status
        super().__init__(reason)


@condition(etag_func=lambda request: f'W/"{widget_bundle.version()}"')
@require_safe
def script(request: HttpRequest) -> HttpResponse:
    """The widget's script, for every page: it contains no user's data."""
    takes_gzip = "gzip" in request.headers.get("Accept-Encoding", "")
    response = HttpResponse(
        widget_bundle.compressed() if takes_gzip else widget_bundle.script(),
        content_type="text/javascript; charset=utf-8",
    )
    if takes_gzip:
        response.headers["Content-Encoding"] = "gzip"
    patch_vary_headers(response, ["Accept-Encoding"])
    response.headers["Access-Control-Allow-Origin"] = "*"
    # Offline, a browser that serves stale responses still has the script for up to 30 days.
    response.headers["Cache-Control"] = f"public, max-age={DAY}, stale-while-revalidate={30 * DAY}"
    return response


def _shared(limit: str, thing: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Decorate a view of a share: only pages of its origins may read the answer. `limit` names the setting with the
    number of requests per minute from one address for one share; views with the same `thing` count together.

    Every page may read the text of a refusal, which says nothing else about the network.
    """

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, share: str, **more: str) -> HttpResponse:
            try:
                response = _allowed(request, share, thing, getattr(settings, limit), view, more)
            except Refusal as refusal:
                response = HttpResponse(
                    str(refusal), status=refusal.status, content_type="text/plain; charset=utf-8"
                )
                response.headers["Access-Control-Allow-Origin"] = "*"
                response.headers["Cache-Control"] = "no-store"
            patch_vary_headers(response, ["Origin"])
            return response

        return guarded

    return decorate


def _allowed(
    request: HttpRequest,
    key: str,
    thing: str,
    most: int,
    view: Callable[..., HttpResponse],
    more: dict[str, str],
) -> HttpResponse:
    try:
        share = shared_network.find(key)
    except Http404:
        raise Refusal(404, "This network is not shared, or no longer.") from None
    # A browser may leave Origin out for a page of our own; a page of another site could not read that answer.
    origin = request.headers.get("Origin", "")
    if origin and origin != f"{request.scheme}://{request.get_host()}" and not share.allows(origin):
        raise Refusal(403, f"This network's owner has not allowed it on {origin[:200]}.")
    if not within(request, f"{thing} {key}", most):
        raise Refusal(429, "Too many requests from your address; try again in a minute.")
    response = view(request, share, **more)
    if origin:
        response.headers["Access-Control-Allow-Origin"] = origin
    return response


@require_safe
@_shared("WIDGET_REQUESTS", "read")
def network(request: HttpRequest, share: Share) -> HttpResponse:
    """The current version of a shared network, and whether its owner accepts corrections."""
    response = JsonResponse({"version": shared_network.version(share), "corrections": share.corrections})
    response.headers["Cache-Control"] = "no-cache"
    return response


@require_safe
@_shared("WIDGET_REQUESTS", "read")
def weights(request: HttpRequest, share: Share, version: str) -> HttpResponse:
    """The file of a shared network; its address contains the version, so the file at an address never changes."""
    if version != shared_network.version(share):
        raise Refusal(404, "This network has changed. Load the page again.")
    response = HttpResponse(shared_network.content(share), content_type="application/octet-stream")
    # Private: a copy in a shared cache would stay available after the owner stops sharing.
    response.headers["Cache-Control"] = f"private, max-age={YEAR}, immutable"
    return response


# No CSRF check: there is no session that a forged request could use, the share's settings decide.
@csrf_exempt
@require_http_methods(["POST", "OPTIONS"])
@_shared("WIDGET_CORRECTIONS", "correct")
def corrections(request: HttpRequest, share: Share) -> HttpResponse:
    """Store a misread drawing with its label for the network's owner; OPTIONS answers the preflight request."""
    if not share.corrections or share.key in TITLES:
        raise Refusal(403, "This network's owner takes no corrections.")
    if request.method == "OPTIONS":
        response = HttpResponse(status=204)
        response.headers["Access-Control-Allow-Methods"] = "POST"
        response.headers["Access-Control-Allow-Headers"] = "content-type"
        return response
    body = request.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise Refusal(413, f"A correction has at most {MOST_BYTES // 1024} kB: draw less.")
    try:
        keep(share, Correction.parse(body))
    except RefusedDrawing as error:
        raise Refusal(422, str(error)) from error
    return HttpResponse(status=204)
