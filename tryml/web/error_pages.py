"""Error pages, which say what happened, what is safe and what to do."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string


def _page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    return render(request, "error.html", {"title": title, "text": text, "status": status}, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 400, "That request can't be read", "Nothing was changed. Go back and try again.")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 403, "This isn't open to you", "Sign in with an account that may see it.")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(
        request, 404, "There is nothing here", "It may have been deleted, or it belongs to somebody else."
    )


def server_error(request: HttpRequest) -> HttpResponse:
    # A context processor may have failed, so this page uses none.
    context = {
        "title": "Something broke on our side",
        "text": "Your runs are safe: they are kept in the database. Try again in a moment.",
        "status": 500,
    }
    return HttpResponse(render_to_string("error_plain.html", context), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _page(
        request,
        403,
        "This form is out of date",
        "It was opened before you signed in or out, or cookies are off. Nothing was changed. "
        "Go back, reload the page and send it again.",
    )
