"""Networks for pages and programs: their weights, and their predictions for images."""

import numpy as np
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.views.decorators.http import condition, require_POST, require_safe

from digits import datasets, library
from training import networks
from tryml.numbers import whole
from tryml.web.heavy import heavy

PREDICTIONS_AT_ONCE = 200


def _version(request: HttpRequest, key: str) -> str:
    return f'"{networks.find(request.user, key).version}"'


@require_safe
@condition(etag_func=_version)
def weights(request: HttpRequest, key: str) -> HttpResponse:
    """A network's weights as a safetensors file, for the forward pass in the browser."""
    found = networks.find(request.user, key)
    response = HttpResponse(found.data, content_type="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="network-{key}.safetensors"'
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@require_safe
@heavy
def predictions(request: HttpRequest, key: str) -> HttpResponse:
    """A network's predictions for images of a dataset, as JSON: `?dataset=mnist&split=test&index=3&index=5`."""
    found = networks.find(request.user, key)
    split_name, wanted = request.GET.get("split", "test"), request.GET.getlist("index")
    if split_name not in ("train", "test"):
        raise Http404
    try:
        dataset = library.find(request.user, request.GET.get("dataset") or datasets.load().name)
    except datasets.DatasetMissing as error:
        raise Http404 from error
    split = getattr(dataset, split_name)
    indices = [index for text in wanted if (index := whole(text, len(split) - 1)) is not None]
    if len(wanted) > PREDICTIONS_AT_ONCE or len(indices) < len(wanted):
        return HttpResponseBadRequest(
            f"Up to {PREDICTIONS_AT_ONCE} indices between 0 and {len(split) - 1}, each a whole number."
        )
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
@heavy
def predict(request: HttpRequest, key: str) -> HttpResponse:
    """A network's probabilities for one 28×28 image, as JSON; the body is 784 bytes, row by row, 0 paper to 255 ink."""
    found = networks.find(request.user, key)
    if len(request.body) != 784:
        return HttpResponseBadRequest(f"An image is 784 bytes; these are {len(request.body)}.")
    image = np.frombuffer(request.body, np.uint8).reshape(1, 28, 28)
    return JsonResponse({"probabilities": networks.load(found).predict(image)[0].tolist()})
