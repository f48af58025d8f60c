"""Finds the digits on a picture that a visitor sends."""

from typing import Any

from allauth.decorators import rate_limit
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from digits.pages.draw import draw_page
from digits.pages.tiles import scanned
from digits.photos import decode
from digits.photos.segmentation import scan
from tryml.web.body_limit import takes_files
from tryml.web.heavy import heavy
from tryml.web.htmx import HtmxRequest


@takes_files(decode.MOST_BYTES)
def picture(request: HtmxRequest) -> HttpResponse:
    """Find the digits on a picture, for the page to read. The picture is not stored."""
    if request.method != "POST":
        return redirect(f"{reverse('digits:draw')}?mode=picture")
    response: HttpResponse = _scan(request)
    return response


@rate_limit(action="picture")  # type: ignore[untyped-decorator]
@heavy
def _scan(request: HtmxRequest) -> HttpResponse:
    context: dict[str, Any]
    try:
        grey = decode.opened(_sent(request))
        context, status = {"scan": scanned(grey, scan(grey))}, 200
    except decode.PictureError as error:
        context, status = {"problem": str(error)}, 422
    if request.htmx:
        response = render(request, "digits/draw/_picture_answer.html", context, status=status)
    else:
        response = draw_page(request, "picture", status, **context)
    response["Cache-Control"] = "no-store"
    return response


def _sent(request: HttpRequest) -> bytes:
    file = request.FILES.get("picture")
    if not file:
        raise decode.PictureError("Choose a picture first.")
    size = file.size or 0
    if size > decode.MOST_BYTES:
        raise decode.PictureError(decode.too_large(size))
    data: bytes = file.read()
    return data
