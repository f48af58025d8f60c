"""The dataset browser, and the download of a dataset that isn't on this machine."""

from typing import Any

import numpy as np
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from digits import datasets, library
from digits.datasets import Dataset, DatasetMissing
from digits.library import downloads
from digits.pages.browse_form import BrowseForm
from digits.pages.tiles import tile
from tryml.web.htmx import HtmxRequest

TILES_A_PAGE = 100


@require_safe
def browser(request: HtmxRequest) -> HttpResponse:
    """Images of a dataset's split, a page at a time, by label; an index opens its page and the image.

    `?dataset=` names another than the default dataset; one that isn't on this machine can be downloaded."""
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
    template = "digits/datasets/_browser.html" if request.htmx else "digits/datasets/browser.html"
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


@require_safe
def digit(request: HttpRequest, split: str, index: int) -> HttpResponse:
    """One image, enlarged, of the default dataset or of the dataset in `?dataset=`."""
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
    return render(request, "digits/datasets/_digit.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def fetch(request: HtmxRequest) -> HttpResponse:
    """Start the download of a published dataset (POST), or show its progress (GET): in the dataset browser for
    `?dataset=`, without it for MNIST in the notice on every page."""
    key = request.GET.get("dataset")
    if key is not None and key not in datasets.CATALOGUE:
        raise Http404
    if request.method == "POST":
        downloads.start(key or "mnist")
        if not request.htmx:
            return redirect(f"{reverse('digits:browser')}?dataset={key}" if key else "digits:browser")
    if key is None:
        return render(request, "digits/datasets/_dataset_notice.html", {"mnist": downloads.current()})
    return render(request, "digits/datasets/_fetch.html", {"key": key, **_fetch_context(key)})


def _fetch_context(key: str) -> dict[str, Any]:
    is_here = library.state(key) is library.State.READY
    return {"about": datasets.CATALOGUE[key], "attempt": downloads.current(key), "is_here": is_here}
