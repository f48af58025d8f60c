"""The page of the drawing canvas, and the drawing pinned there."""

from typing import Any, cast

import numpy as np
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from digits.ink import checks
from digits.ink.checks import RefusedDrawing
from digits.ink.png import png
from digits.ink.strokes import FIELD
from digits.models import PinnedDrawing
from digits.photos import decode
from tryml.numbers import whole
from tryml.web.htmx import HtmxRequest

MODES = {"digit": "One digit", "number": "A number", "picture": "A picture"}


@require_safe
def draw(request: HttpRequest) -> HttpResponse:
    """The canvas in the mode `?mode=`, with the starter network or one of the user's own (`?network=7`)."""
    return draw_page(request, request.GET.get("mode", "digit"))


def draw_page(request: HttpRequest, mode: str, status: int = 200, **context: Any) -> HttpResponse:
    """The page of the canvas in that mode; `context` adds template variables.

    Raises Http404 for an unknown mode, and for a `?network=` that can't be a key."""
    key = request.GET.get("network", "starter")
    if mode not in MODES or not (key.startswith("starter") or whole(key) is not None):
        raise Http404
    context |= {
        "network_name": "Starter network",
        "network_url": reverse("training:weights", args=["starter"]),
        "network_key": key,
        "mode": mode,
        "modes": MODES,
    }
    context |= {"most_bytes": decode.MOST_BYTES, "most_megabytes": decode.MOST_BYTES // 1_000_000}
    context["pinned"] = _pinned(request)
    return render(request, "digits/draw/draw.html", context, status=status)


def _pinned(request: HttpRequest) -> str | None:
    """The visitor's pinned drawing as a `data:` URL; None without one."""
    pixels = PinnedDrawing.objects.pixels_of(request.user.pk) if request.user.is_authenticated else None
    return png(np.frombuffer(pixels, np.uint8).reshape(FIELD, FIELD)) if pixels else None


@login_required
@require_POST
def pin(request: HtmxRequest) -> HttpResponse:
    """Pin the drawing: runs started from now on read it while they train."""
    try:
        drawn = checks.parse(request.POST.get("strokes", ""))
    except RefusedDrawing as refused:
        return _pin(request, str(refused))
    PinnedDrawing.objects.pin(request.user, drawn)
    return _pin(request)


@login_required
@require_POST
def unpin(request: HtmxRequest) -> HttpResponse:
    """Remove the pinned drawing; runs that started with it keep it."""
    PinnedDrawing.objects.filter(owner=cast(Any, request.user)).delete()
    return _pin(request)


def _pin(request: HtmxRequest, problem: str = "") -> HttpResponse:
    if not request.htmx and not problem:
        return redirect("digits:draw")
    context = {"pinned": _pinned(request), "problem": problem}
    return render(request, "digits/draw/_pin.html", context, status=422 if problem else 200)
