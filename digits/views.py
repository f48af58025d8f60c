"""Pages of ink and images: the landing page, the drawing canvas, the MNIST browser."""

from typing import Any

import numpy as np
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from digits import datasets, fetching
from digits.datasets.dataset import DIGITS
from digits.forms import BrowseForm
from digits.tiles import tile

TILES_A_PAGE = 100


def _starter(request: HttpRequest) -> dict[str, str]:
    return {
        "network_name": "Starter network",
        "network_url": reverse("training:weights", args=["starter"]),
    }


@require_GET
def landing(request: HttpRequest) -> HttpResponse:
    """The first page: a digit is recognised as one draws it."""
    return render(request, "digits/landing.html", _starter(request))


@require_GET
def draw(request: HttpRequest) -> HttpResponse:
    """The canvas, read by the starter network or any of one's own (`?network=7`)."""
    key = request.GET.get("network", "starter")
    if key != "starter" and not key.isdigit():
        raise Http404
    return render(request, "digits/draw.html", {**_starter(request), "network_key": key})


@require_GET
def browser(request: HttpRequest) -> HttpResponse:
    """Images of a split, a page at a time, by label; a typed index opens its page and the image."""
    dataset = datasets.load()
    form = BrowseForm(request.GET, dataset=dataset)
    form.is_valid()
    split, wanted = form.chosen, form.cleaned_data
    label, index = wanted.get("label"), wanted.get("index")
    if index is not None and label is not None and split.labels[index] != label:
        label = None
    indices = np.arange(len(split)) if label is None else np.flatnonzero(split.labels == label)
    number = wanted.get("page") if index is None else int(np.searchsorted(indices, index)) // TILES_A_PAGE + 1
    page = Paginator(indices, TILES_A_PAGE).get_page(number)
    context: dict[str, Any] = {
        "form": form,
        "split": wanted.get("split", "test"),
        "label": label,
        "labels": range(DIGITS),
        "page": page,
        "count": len(indices),
        "last_index": len(split) - 1,
        "tiles": [tile(split, int(i)) for i in page],
        "chosen": tile(split, index) if index is not None else None,
    }
    template = "digits/_browser.html" if request.htmx else "digits/browser.html"  # type: ignore[attr-defined]
    return render(request, template, context, status=200 if not form.errors else 422)


@require_GET
def digit(request: HttpRequest, split: str, index: int) -> HttpResponse:
    """One image, large."""
    if split not in ("train", "test"):
        raise Http404
    images = getattr(datasets.load(), split)
    if index >= len(images):
        raise Http404
    context = {"split": split, "chosen": tile(images, index), "last_index": len(images) - 1}
    return render(request, "digits/_digit.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def fetch(request: HttpRequest) -> HttpResponse:
    """Try again to get MNIST (POST), and see how far that is (GET)."""
    if request.method == "POST":
        fetching.start()
        if not request.htmx:  # type: ignore[attr-defined]
            return redirect("digits:browser")
    return render(request, "digits/_dataset_notice.html", {"attempt": fetching.current()})
