"""The response header that lets a page load only its own scripts."""

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
# django-unfold's admin uses Alpine, which needs eval for its attributes, and inline styles.
ADMIN = {
    **PAGES,
    "script-src": "'self' 'unsafe-eval'",
    "style-src": "'self' 'unsafe-inline'",
}


def header(policy: dict[str, str]) -> str:
    """Return the policy as the value of its header."""
    return "; ".join(f"{directive} {sources}" for directive, sources in policy.items())


def personal_pages(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware that lets no browser keep a page of somebody who is signed in: Back must not show it to the next."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        if is_page and request.user.is_authenticated and "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store, private"
        return response

    return middleware


def content_security_policy(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware that sets the Content-Security-Policy of pages and of the admin, unless a view has set one."""
    pages, admin = header(PAGES), header(ADMIN)

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        policy = admin if request.path.startswith("/admin/") else pages
        response.headers.setdefault("Content-Security-Policy", policy)
        return response

    return middleware
