"""A user's own datasets: upload, list, delete."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from digits.datasets import DatasetError
from digits.models import OwnDataset, TooManyDatasets
from digits.models.own_dataset import MOST_DATASETS
from digits.pages.tiles import samples
from digits.pages.upload_form import UploadForm
from digits.uploads import image_folder, picture, upload
from tryml.monitoring.events import record
from tryml.web.body_limit import takes_files
from tryml.web.heavy import heavy
from tryml.web.htmx import HtmxRequest

LIMITS = {
    "megabytes": upload.MOST_BYTES // 1_000_000,
    "bytes": upload.MOST_BYTES,
    "images": upload.MOST_IMAGES,
    "fewest": upload.FEWEST_IMAGES,
    "megapixels": picture.MOST_PIXELS // 1_000_000,
    "megapixels_in_all": image_folder.MOST_PIXELS_IN_ALL // 1_000_000,
    "datasets": MOST_DATASETS,
}


@takes_files(upload.MOST_BYTES)
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@heavy
def own(request: HtmxRequest) -> HttpResponse:
    """The user's datasets, and the form that uploads another."""
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if form.is_bound and form.is_valid() and (made := _keep(request, form)):
        count = f"{made.train_count:,} + {made.test_count:,} images"
        messages.success(request, f"{made.title} is ready: {count}.")
        is_htmx = request.htmx
        return HttpResponseClientRedirect(reverse("digits:own")) if is_htmx else redirect("digits:own")
    if form.is_bound and request.htmx:
        return render(
            request, "digits/datasets/_upload_errors.html", {"form": form, "pushed": True}, status=422
        )
    owned = list(OwnDataset.objects.of(request.user))
    context = {
        "form": form,
        "owned": [{"dataset": each, "tiles": _samples(each)} for each in owned],
        "is_full": len(owned) >= MOST_DATASETS,
        "limits": LIMITS,
    }
    return render(request, "digits/datasets/own.html", context, status=422 if form.errors else 200)


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
@require_http_methods(["GET", "HEAD", "POST"])
def own_delete(request: HttpRequest, dataset_id: int) -> HttpResponse:
    """Asks, then deletes one of the user's datasets."""
    owned = get_object_or_404(OwnDataset.objects.of(request.user), pk=dataset_id)
    if request.method == "POST":
        owned.discard()
        messages.success(request, f"{owned.title} is deleted.")
        return redirect("digits:own")
    context = {
        "title": f"Delete {owned.title}?",
        "back": reverse("digits:own"),
        "owned": owned,
        "tiles": _samples(owned),
    }
    return render(request, "digits/datasets/own_delete.html", context)
