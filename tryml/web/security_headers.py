"""Response headers that keep a page to its own scripts."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

PAGES = {
    "default-src": "'self'",
    "img-src": "'self' data: blob:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
# django-unfold's admin is built on Alpine, which evaluates its attributes and styles elements in place.
ADMIN = {
    **PAGES,
    "script-src": "'self' 'unsafe-eval'",
    "style-src": "'self' 'unsafe-inline'",
}


def header(policy: dict[str, str]) -> str:
    """The policy as the value of its header."""
    return "; ".join(f"{directive} {sources}" for directive, sources in policy.items())


def content_security_policy(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware that sets the Content-Security-Policy of pages and of the admin."""
    pages, admin = header(PAGES), header(ADMIN)

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        policy = admin if request.path.startswith("/admin/") else pages
        response.headers.setdefault("Content-Security-Policy", policy)
        return response

    return middleware
