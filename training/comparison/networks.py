"""Networks that read the same drawing, side by side."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from training import networks
from training.ml.starter.recipe import TITLES

MOST_BESIDE = 4


MOST_NAMED = 20  # keys read from a link, which may be hostile


@require_safe
def side_by_side(request: HttpRequest) -> HttpResponse:
    """The partial with up to four networks that read the same drawing: `?with=starter&with=7`."""
    wanted = list(dict.fromkeys(key for key in request.GET.getlist("with")[:MOST_NAMED] if key))
    found = networks.named(request.user, wanted)
    keys = list(found)[:MOST_BESIDE]
    columns = [
        {"key": key, "name": found[key], "others": _beside([other for other in keys if other != key])}
        for key in keys
    ]
    context = {
        "columns": columns,
        "problem": _left_out(wanted, found),
        "first": _beside([networks.STARTER, *networks.named(request.user, [request.GET.get("network", "")])]),
        "others": [network for network in networks.own(request.user) if str(network.pk) not in keys],
        "starters": {key: name for key, name in TITLES.items() if key not in keys},
        "is_full": len(keys) == MOST_BESIDE,
    }
    return render(request, "training/comparison/_networks.html", context)


def _beside(keys: list[str]) -> str:
    return urlencode([("with", key) for key in dict.fromkeys(keys)])


def _left_out(wanted: list[str], found: dict[str, str]) -> str:
    """Says how many networks of a link are not shown, and why; empty where all are shown."""
    unknown = len(wanted) - len(found)
    if unknown:
        return (
            f"{unknown} of these networks {'is' if unknown == 1 else 'are'} not yours or gone, and left out."
        )
    if len(found) > MOST_BESIDE:
        return f"{MOST_BESIDE} at once is the most, so only the first {MOST_BESIDE} are here."
    return ""
