"""Images of digits as PNG data that a page holds itself: no request for each of a hundred tiles."""

import base64
import io
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from digits.datasets import Dataset, Split


def png(image: npt.NDArray[np.uint8]) -> str:
    """A 28×28 image, 0 background to 255 ink, as a `data:` URL."""
    data = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(image)).save(data, "PNG")
    return "data:image/png;base64," + base64.b64encode(data.getvalue()).decode()


def tile(dataset: Dataset, split: str, index: int) -> dict[str, Any]:
    images: Split = getattr(dataset, split)
    label = int(images.labels[index])
    return {"index": index, "label": label, "name": dataset.classes[label], "png": png(images.images[index])}


def samples(dataset: Dataset) -> list[dict[str, Any]]:
    """The first image of each label that there is to train on."""
    _, first = np.unique(dataset.train.labels, return_index=True)
    return [tile(dataset, "train", int(index)) for index in first]
