"""The page of the user's networks: networks that runs made, and imported networks."""

from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from digits.models import OwnDrawing
from training import networks
from training.ml import formats
from training.models import Network
from training.networks.forms import ImportForm, NetworkEditForm
from tryml.web.body_limit import takes_files

NETWORKS_A_PAGE = 50


@takes_files(formats.LARGEST)
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def listing(request: HttpRequest) -> HttpResponse:
    """List the user's networks; POST imports a network file."""
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = ImportForm(*sent, user=request.user)
    if form.is_valid():
        Network.objects.create(
            owner=cast(Any, request.user), **Network.contents(form.network, form.cleaned_data["name"])
        )
        return redirect("training:networks")
    context = {
        "form": form,
        "page": Paginator(networks.owned(request.user), NETWORKS_A_PAGE).get_page(request.GET.get("page")),
        "has_drawings": OwnDrawing.objects.of(request.user).exists(),
    }
    return render(request, "training/networks/networks.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_network(request: HttpRequest, network_id: int) -> HttpResponse:
    """Rename a network."""
    network = get_object_or_404(networks.owned(request.user), pk=network_id)
    form = NetworkEditForm(request.POST or None, instance=network)
    if request.method == "POST" and form.is_valid():
        Network.objects.filter(pk=network.pk).update(**form.cleaned_data)
        return redirect("training:networks")
    context = {"form": form, "title": "Name of the network", "back": "/networks/"}
    return render(request, "edit.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def delete_network(request: HttpRequest, network_id: int) -> HttpResponse:
    """Delete a network; the run that made it keeps its curves and its result."""
    get_object_or_404(networks.owned(request.user), pk=network_id).delete()
    return redirect("training:networks")
