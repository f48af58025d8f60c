"""The list for choosing a network."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from training import networks
from training.ml.starter.recipe import TITLES


@require_safe
def picker(request: HttpRequest) -> HttpResponse:
    """The partial for choosing among the starter networks and the user's own."""
    own = networks.own(request.user)
    selected = request.GET.get("network", networks.STARTER)
    context = {"starters": TITLES, "networks": own, "selected": selected}
    return render(request, "training/networks/_picker.html", context)
