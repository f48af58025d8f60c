"""The user's kept drawings: keep one, undo that, relabel, delete, export."""

from collections.abc import AsyncIterator

import numpy as np
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseForbidden,
    HttpResponseRedirect,
    QueryDict,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from digits.datasets.dataset import DIGITS, SIDE
from digits.ink import checks
from digits.ink.checks import RefusedDrawing
from digits.ink.png import png
from digits.models import OwnDrawing
from digits.models.drawing import is_digit
from tryml.accounts.models import Preferences, User
from tryml.numbers import whole

MOST_AT_ONCE = 200  # drawings that one request changes
CHUNK = 50  # drawings per database read during an export


@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """Store a drawing of a user who has agreed to that: `strokes` as JSON, `label`, `answer` and `network`."""
    user = request.user
    if not isinstance(user, User) or not Preferences.of(user).keeps_drawings:
        return HttpResponseForbidden("Nothing is kept of people who have not agreed to it.")
    try:
        drawing = OwnDrawing.objects.keep(
            user,
            checks.parse(request.POST.get("strokes", "")),
            _digit(request.POST.get("label", "")),
            _digit(request.POST.get("answer", "")),
            request.POST.get("network", ""),
        )
    except RefusedDrawing as refused:
        return render(request, "digits/draw/_kept.html", {"problem": str(refused)}, status=422)
    context = {
        "drawing": drawing,
        "png": png(np.frombuffer(drawing.pixels, np.uint8).reshape(SIDE, SIDE)),
        "count": OwnDrawing.objects.of(user).count(),
    }
    return render(request, "digits/draw/_kept.html", context)


def _digit(text: str) -> int | None:
    return whole(text, DIGITS - 1)


@login_required
@require_POST
def undo(request: HttpRequest, drawing_id: int) -> HttpResponse:
    """Delete a drawing that was just kept."""
    get_object_or_404(OwnDrawing.objects.of(request.user), pk=drawing_id).delete()
    return render(request, "digits/draw/_kept.html", {"is_undone": True})


@login_required
@require_POST
def change(request: HttpRequest) -> HttpResponse:
    """Relabel or delete the chosen drawings: `action` is "relabel", with a `label`, or "delete"."""
    wanted = [number for text in request.POST.getlist("drawing") if (number := whole(text)) is not None]
    chosen = OwnDrawing.objects.of(request.user).filter(pk__in=wanted[:MOST_AT_ONCE])
    label = _digit(request.POST.get("label", ""))
    if request.POST.get("action") == "delete":
        count, _ = chosen.delete()
        done = "deleted"
    elif is_digit(label):
        count = chosen.update(label=label)
        done = f"labelled {label} now"
    else:
        messages.error(request, "Choose the digit that they are meant to be, 0 to 9.")
        return _back(request)
    if count:
        messages.success(request, f"{count} drawing{'s are' if count > 1 else ' is'} {done}.")
    else:
        messages.error(request, "Choose one drawing or more first.")
    return _back(request)


@login_required
@require_POST
def clear(request: HttpRequest) -> HttpResponse:
    """Delete all drawings of the user."""
    count, _ = OwnDrawing.objects.of(request.user).delete()
    messages.success(request, f"All {count:,} of your drawings are deleted.")
    return redirect("training:my_digits")


def _back(request: HttpRequest) -> HttpResponseRedirect:
    """Redirects to the same view of the page; `query` holds its label, network and page number."""
    query = QueryDict(request.POST.get("query", "")[:200])
    return HttpResponseRedirect(f"{reverse('training:my_digits')}?{query.urlencode()}")


@login_required
@require_safe
def export(request: HttpRequest) -> StreamingHttpResponse:
    """All drawings of the user as JSON Lines, read from the database while they are sent."""
    drawings = OwnDrawing.objects.of(request.user).defer("pixels").order_by("pk")

    async def lines() -> AsyncIterator[str]:
        async for drawing in drawings.aiterator(chunk_size=CHUNK):
            yield drawing.as_json()

    response = StreamingHttpResponse(lines(), content_type="application/jsonl")
    response.headers["Content-Disposition"] = 'attachment; filename="my-digits.jsonl"'
    return response
