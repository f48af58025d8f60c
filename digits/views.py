"""Pages of ink and images: the landing page, the drawing canvas, the browser of datasets, one's own datasets."""

from typing import Any, cast

import numpy as np
from allauth.decorators import rate_limit
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from digits import datasets, fetching, library, photo, strokes
from digits.datasets import Dataset, DatasetError, DatasetMissing, intake, labelled, pictures
from digits.forms import BrowseForm, UploadForm
from digits.ink import FIELD
from digits.models import MOST_A_USER, OwnDataset, PinnedDrawing, TooManyDatasets
from digits.scan import scan
from digits.strokes import RefusedDrawing
from digits.tiles import png, samples, scanned, tile
from tryml.monitoring.events import record
from tryml.web.htmx import HtmxRequest

TILES_A_PAGE = 100
MODES = {"digit": "One digit", "number": "A number", "picture": "A picture"}
LIMITS = {
    "megabytes": intake.MOST_BYTES // 1_000_000,
    "bytes": intake.MOST_BYTES,
    "images": intake.MOST_IMAGES,
    "fewest": intake.FEWEST_IMAGES,
    "megapixels": pictures.MOST_PIXELS // 1_000_000,
    "megapixels_in_all": labelled.MOST_PIXELS_IN_ALL // 1_000_000,
    "datasets": MOST_A_USER,
}


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
    """The canvas, read by the starter network or any of one's own (`?network=7`), for what `?mode=` says."""
    return _draw(request, request.GET.get("mode", "digit"))


def _draw(request: HttpRequest, mode: str, status: int = 200, **context: Any) -> HttpResponse:
    key = request.GET.get("network", "starter")
    if mode not in MODES or not (key.startswith("starter") or key.isdigit()):
        raise Http404
    context |= {**_starter(request), "network_key": key, "mode": mode, "modes": MODES}
    context |= {"most_bytes": photo.MOST_BYTES, "most_megabytes": photo.MOST_BYTES // 1_000_000}
    context["pinned"] = _pinned(request)
    return render(request, "digits/draw.html", context, status=status)


def _pinned(request: HttpRequest) -> str | None:
    """The tile of the visitor's pinned drawing."""
    pixels = PinnedDrawing.objects.pixels_of(request.user.pk) if request.user.is_authenticated else None
    return png(np.frombuffer(pixels, np.uint8).reshape(FIELD, FIELD)) if pixels else None


@login_required
@require_POST
def pin(request: HtmxRequest) -> HttpResponse:
    """Pin the drawing: the runs that start from now on read it while they train."""
    try:
        drawn = strokes.parse(request.POST.get("strokes", ""))
    except RefusedDrawing as refused:
        return _pin(request, str(refused))
    PinnedDrawing.objects.pin(request.user, drawn)
    return _pin(request)


@login_required
@require_POST
def unpin(request: HtmxRequest) -> HttpResponse:
    """Have no pinned drawing any more; runs that began with it keep theirs."""
    PinnedDrawing.objects.filter(owner=cast(Any, request.user)).delete()
    return _pin(request)


def _pin(request: HtmxRequest, problem: str = "") -> HttpResponse:
    if not request.htmx and not problem:
        return redirect("digits:draw")
    context = {"pinned": _pinned(request), "problem": problem}
    return render(request, "digits/_pin.html", context, status=422 if problem else 200)


def picture(request: HtmxRequest) -> HttpResponse:
    """Find the digits on the picture that somebody sends, for the page to read. Nothing of it is kept."""
    if request.method != "POST":
        return redirect(f"{reverse('digits:draw')}?mode=picture")
    response: HttpResponse = _scan(request)
    return response


@rate_limit(action="picture")  # type: ignore[untyped-decorator]
def _scan(request: HtmxRequest) -> HttpResponse:
    context: dict[str, Any]
    try:
        grey = photo.opened(_sent(request))
        context, status = {"scan": scanned(grey, scan(grey))}, 200
    except photo.PictureError as error:
        context, status = {"problem": str(error)}, 422
    if request.htmx:
        response = render(request, "digits/_picture_answer.html", context, status=status)
    else:
        response = _draw(request, "picture", status, **context)
    response["Cache-Control"] = "no-store"
    return response


def _sent(request: HttpRequest) -> bytes:
    file = request.FILES.get("picture")
    if not file:
        raise photo.PictureError("Choose a picture first.")
    size = file.size or 0
    if size > photo.MOST_BYTES:
        raise photo.PictureError(photo.too_large(size))
    data: bytes = file.read()
    return data


@require_GET
def browser(request: HtmxRequest) -> HttpResponse:
    """Images of a dataset's split, a page at a time, by label; a typed index opens its page and the image.

    `?dataset=` names another than the usual one; where that is not on this machine, it can be fetched."""
    key = request.GET.get("dataset") or datasets.load().name
    context: dict[str, Any] = {"key": key, "entries": library.entries(request.user)}
    status = 200
    try:
        dataset = library.find(request.user, key)
    except DatasetMissing:
        context |= _fetch_context(key)
    else:
        form = BrowseForm(request.GET, dataset=dataset)
        form.is_valid()
        context |= _images(form, dataset)
        status = 422 if form.errors else 200
    template = "digits/_browser.html" if request.htmx else "digits/browser.html"
    return render(request, template, context, status=status)


def _images(form: BrowseForm, dataset: Dataset) -> dict[str, Any]:
    split, wanted = form.chosen, form.cleaned_data
    name, label, index = wanted.get("split", "test"), wanted.get("label"), wanted.get("index")
    if index is not None and label is not None and split.labels[index] != label:
        label = None
    indices = np.arange(len(split)) if label is None else np.flatnonzero(split.labels == label)
    number = wanted.get("page") if index is None else int(np.searchsorted(indices, index)) // TILES_A_PAGE + 1
    page = Paginator(indices, TILES_A_PAGE).get_page(number)
    return {
        "shown": dataset,
        "about": datasets.CATALOGUE.get(dataset.name),
        "form": form,
        "split": name,
        "label": label,
        "label_name": None if label is None else dataset.classes[label],
        "page": page,
        "count": len(indices),
        "last_index": len(split) - 1,
        "tiles": [tile(dataset, name, int(i)) for i in page],
        "chosen": tile(dataset, name, index) if index is not None else None,
    }


@require_GET
def digit(request: HttpRequest, split: str, index: int) -> HttpResponse:
    """One image, large; of the usual dataset, or of that which `?dataset=` names."""
    try:
        dataset = library.find(request.user, request.GET.get("dataset") or datasets.load().name)
    except DatasetMissing:
        raise Http404 from None
    if split not in ("train", "test") or index >= len(getattr(dataset, split)):
        raise Http404
    context = {
        "key": dataset.name,
        "split": split,
        "chosen": tile(dataset, split, index),
        "last_index": len(getattr(dataset, split)) - 1,
    }
    return render(request, "digits/_digit.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def fetch(request: HtmxRequest) -> HttpResponse:
    """Get a published dataset (POST), and see how far that is (GET): `?dataset=` in the browser of datasets, or
    MNIST in the notice that every page has."""
    key = request.GET.get("dataset")
    if key is not None and key not in datasets.CATALOGUE:
        raise Http404
    if request.method == "POST":
        fetching.start(key or "mnist")
        if not request.htmx:
            return redirect(f"{reverse('digits:browser')}?dataset={key}" if key else "digits:browser")
    if key is None:
        return render(request, "digits/_dataset_notice.html", {"mnist": fetching.current()})
    return render(request, "digits/_fetch.html", {"key": key, **_fetch_context(key)})


def _fetch_context(key: str) -> dict[str, Any]:
    is_here = library.state(key) is library.State.READY
    return {"about": datasets.CATALOGUE[key], "attempt": fetching.current(key), "is_here": is_here}


@login_required
@require_http_methods(["GET", "POST"])
def own(request: HtmxRequest) -> HttpResponse:
    """One's own datasets, and the form that makes another of what one uploads."""
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if form.is_bound and form.is_valid() and (made := _keep(request, form)):
        count = f"{made.train_count:,} + {made.test_count:,} images"
        messages.success(request, f"{made.title} is ready: {count}.")
        is_htmx = request.htmx
        return HttpResponseClientRedirect(reverse("digits:own")) if is_htmx else redirect("digits:own")
    if form.is_bound and request.htmx:
        return render(request, "digits/_upload_errors.html", {"form": form, "pushed": True}, status=422)
    owned = list(OwnDataset.objects.of(request.user))
    context = {
        "form": form,
        "owned": [{"dataset": each, "tiles": _samples(each)} for each in owned],
        "is_full": len(owned) >= MOST_A_USER,
        "limits": LIMITS,
    }
    return render(request, "digits/own.html", context, status=422 if form.errors else 200)


def _keep(request: HttpRequest, form: UploadForm) -> OwnDataset | None:
    title, classes = form.cleaned_data["title"], form.cleaned_data["classes"]
    try:
        made = OwnDataset.objects.keep(request.user, title, classes, form.taken)
    except TooManyDatasets as error:
        form.add_error(None, str(error))
        return None
    record(
        "dataset uploaded", f"{made}, {made.train_count + made.test_count:,} images.", user=request.user.pk
    )
    return made


def _samples(owned: OwnDataset) -> list[dict[str, Any]]:
    try:
        return samples(owned.load())
    except DatasetError:
        return []


@login_required
@require_http_methods(["GET", "POST"])
def own_delete(request: HttpRequest, dataset_id: int) -> HttpResponse:
    """Asks, then deletes one of one's own datasets."""
    owned = get_object_or_404(OwnDataset.objects.of(request.user), pk=dataset_id)
    if request.method == "POST":
        owned.discard()
        messages.success(request, f"{owned.title} is deleted.")
        return redirect("digits:own")
    return render(request, "digits/own_delete.html", {"owned": owned, "tiles": _samples(owned)})
