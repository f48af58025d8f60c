"""Networks for pages and programs: which there are, their weights, what they make of images; the exhibits."""

from urllib.parse import urlencode

import numpy as np
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import condition, require_GET, require_POST

from digits import datasets, library
from training import exhibits, networks
from training.ml.starter.recipe import TITLES

PREDICTIONS_AT_ONCE = 200
MOST_BESIDE = 4
MOST_NAMED = 20  # of a hostile link


@require_GET
def picker(request: HttpRequest) -> HttpResponse:
    """The partial with which one chooses among the starter network and one's own."""
    own = networks.own(request.user)
    selected = request.GET.get("network", networks.STARTER)
    context = {"starters": TITLES, "networks": own, "selected": selected}
    return render(request, "training/_picker.html", context)


@require_GET
def side_by_side(request: HttpRequest) -> HttpResponse:
    """The partial with networks that read one drawing at once: `?with=starter&with=7`, up to four."""
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
    return render(request, "training/_side_by_side.html", context)


def _beside(keys: list[str]) -> str:
    return urlencode([("with", key) for key in dict.fromkeys(keys)])


def _left_out(wanted: list[str], found: dict[str, str]) -> str:
    """Which of the networks that a link names are not shown, and why."""
    unknown = len(wanted) - len(found)
    if unknown:
        return (
            f"{unknown} of these networks {'is' if unknown == 1 else 'are'} not yours or gone, and left out."
        )
    if len(found) > MOST_BESIDE:
        return f"{MOST_BESIDE} at once is the most, so only the first {MOST_BESIDE} are here."
    return ""


@require_GET
def exhibit_curve(request: HttpRequest) -> HttpResponse:
    """The partial with the curves of a recorded run."""
    points = exhibits.recorded_points()
    judged = [point for point in points if point["val_loss"] is not None]
    context = {
        "train": [point["train_loss"] for point in points],
        "validation": [point["val_loss"] for point in judged],
        "first": points[0]["train_loss"],
        "last": points[-1]["train_loss"],
        "seconds": points[-1]["seconds"],
    }
    return render(request, "training/_exhibit_curve.html", context)


@require_GET
def exhibit_confusion(request: HttpRequest) -> HttpResponse:
    """The partial with what the starter network confuses."""
    confusion = exhibits.starter_confusion(datasets.load().name)
    return render(request, "training/_exhibit_confusion.html", {"confusion": confusion})


def _version(request: HttpRequest, key: str) -> str:
    return f'"{networks.find(request.user, key).version}"'


@require_GET
@condition(etag_func=_version)
def weights(request: HttpRequest, key: str) -> HttpResponse:
    """A network's weights as a safetensors file, for the page's own forward pass."""
    found = networks.find(request.user, key)
    response = HttpResponse(found.data, content_type="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="network-{key}.safetensors"'
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@require_GET
def predictions(request: HttpRequest, key: str) -> HttpResponse:
    """What a network makes of images of the dataset: `?split=test&index=3&index=5`, as JSON."""
    found = networks.find(request.user, key)
    split_name, wanted = request.GET.get("split", "test"), request.GET.getlist("index")
    if split_name not in ("train", "test"):
        raise Http404
    try:
        dataset = library.find(request.user, request.GET.get("dataset") or datasets.load().name)
    except datasets.DatasetMissing as error:
        raise Http404 from error
    split = getattr(dataset, split_name)
    if len(wanted) > PREDICTIONS_AT_ONCE or not all(i.isdigit() and int(i) < len(split) for i in wanted):
        return HttpResponseBadRequest(
            f"Up to {PREDICTIONS_AT_ONCE} indices between 0 and {len(split) - 1}, each a whole number."
        )
    indices = [int(i) for i in wanted]
    probabilities = networks.load(found).predict(split.images[indices])  # (n, 10)
    answers = [
        {
            "index": i,
            "label": int(split.labels[i]),
            "prediction": int(p.argmax()),
            "probabilities": p.tolist(),
        }
        for i, p in zip(indices, probabilities, strict=True)
    ]
    return JsonResponse({"network": found.name, "predictions": answers})


@require_POST
def predict(request: HttpRequest, key: str) -> HttpResponse:
    """What a network makes of one 28×28 image: 784 bytes, row by row, 0 background to 255 ink; as JSON."""
    found = networks.find(request.user, key)
    if len(request.body) != 784:
        return HttpResponseBadRequest(f"An image is 784 bytes; these are {len(request.body)}.")
    image = np.frombuffer(request.body, np.uint8).reshape(1, 28, 28)
    return JsonResponse({"probabilities": networks.load(found).predict(image)[0].tolist()})
