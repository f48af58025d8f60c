"""Images for templates: tiles of a dataset, and a scanned picture with its digits."""

import base64
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from digits.datasets import Dataset, Split
from digits.ink.png import data_url, png
from digits.photos.segmentation import Found

SHOWN = 1000  # pixels of the larger side of a picture on a page, at most


def tile(dataset: Dataset, split: str, index: int) -> dict[str, Any]:
    images: Split = getattr(dataset, split)
    label = int(images.labels[index])
    return {"index": index, "label": label, "name": dataset.classes[label], "png": png(images.images[index])}


def samples(dataset: Dataset) -> list[dict[str, Any]]:
    """The tile of the first training image of each label."""
    _, first = np.unique(dataset.train.labels, return_index=True)
    return [tile(dataset, "train", int(index)) for index in first]


def scanned(grey: npt.NDArray[np.uint8], lines: list[list[Found]]) -> dict[str, Any]:
    """A grey picture, (height, width), as a `data:` URL, and the digits on it: boxes in pixels of the original `width`
    and `height`, images as 784 bytes in base64."""
    picture = Image.fromarray(grey)
    picture.thumbnail((SHOWN, SHOWN))
    boxes = [found.box for line in lines for found in line]
    return {
        "picture": data_url(picture, "JPEG"),
        "width": grey.shape[1],
        "height": grey.shape[0],
        # Font size below the boxes, in pixels: as large as the digits allow, and legible on a small screen.
        "type": int(
            np.clip(np.median([box.height for box in boxes]) * 0.45, *np.array([0.025, 0.05]) * grey.shape[1])
        ),
        "count": len(boxes),
        "lines": [
            [{"box": found.box, "pixels": base64.b64encode(found.image.tobytes()).decode()} for found in line]
            for line in lines
        ],
    }
