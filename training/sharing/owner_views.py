"""The page for sharing a network with other sites: settings, snippet, preview, single file."""

import base64
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from training import networks
from training.ml.starter.recipe import TITLES
from training.models import Share
from training.sharing import shared_network, widget_bundle
from training.sharing.forms import ShareForm
from tryml.monitoring.events import record
from tryml.web.heavy import heavy
from tryml.web.htmx import HtmxRequest
from tryml.web.security_headers import PAGES, header

# As on other sites, the preview runs a large network in a worker that is made from the widget's own text.
POLICY = header({**PAGES, "worker-src": "'self' blob:"})


@require_http_methods(["GET", "HEAD", "POST"])
def embed(request: HtmxRequest, key: str) -> HttpResponse:
    """How to put a network on a page; POST saves the owner's settings and shares the network."""
    if key in TITLES:
        if request.method == "POST":
            raise Http404
        return _page(request, shared_network.find(key), {"name": TITLES[key]})
    network = networks.numbered(request.user, key)
    share = getattr(network, "share", None) or Share(network=network)
    form = ShareForm(request.POST or None, instance=share)
    context = {"name": network.name, "form": form, "network": network}
    if request.method == "POST" and form.is_valid():
        form.instance.is_on = True
        form.save()
        record("network shared", f"{network.name}: {', '.join(share.origins)}.", user=request.user.pk)
        if not request.htmx:
            return redirect("training:embed", key)
        context["saved"] = True
    stored = Share.objects.active().filter(network=network).first()
    return _page(request, stored, context, status=422 if form.errors else 200)


def _page(
    request: HtmxRequest, share: Share | None, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    context |= {"share": share, "script": request.build_absolute_uri(reverse("training:widget"))}
    context["origin"] = f"{request.scheme}://{request.get_host()}"
    template = "training/sharing/_embed.html" if request.htmx else "training/sharing/embed.html"
    response = render(request, template, context, status=status)
    response.headers["Content-Security-Policy"] = POLICY
    return response


@require_POST
def off(request: HttpRequest, key: str) -> HttpResponse:
    """Stop sharing the network; its settings stay stored for the next time."""
    network = networks.numbered(request.user, key)
    if Share.objects.filter(network=network, is_on=True).update(is_on=False):
        record("network no longer shared", f"{network.name}.", user=request.user.pk)
    return redirect("training:embed", key)


@require_safe
@heavy
def cost(request: HttpRequest, key: str) -> HttpResponse:
    """The partial with the bytes that 8-bit weights save and the accuracy that they lose."""
    made_by = networks.numbered(request.user, key).made_by
    found = networks.find(request.user, key)
    measured = shared_network.quantisation(request.user, found, made_by.dataset if made_by else "")
    return render(request, "training/sharing/_embed_cost.html", {"cost": measured})


@require_safe
def single_file(request: HttpRequest, key: str) -> HttpResponse:
    """The widget and the network in one HTML file that needs no server; `?bits=8` makes it about a quarter as large."""
    found = networks.find(request.user, key)
    data = shared_network.quantised(found) if request.GET.get("bits") == "8" else found.data
    context = {
        "name": found.name,
        "script": widget_bundle.script(),
        "weights": base64.b64encode(data).decode(),
    }
    response = render(request, "training/sharing/widget_file.html", context)
    name = slugify(found.name) or f"network-{key}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.html"'
    return response
