"""Images of digits as PNG data that a page holds itself: no request for each of a hundred tiles."""

import base64
import io
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image


def png(image: npt.NDArray[np.uint8]) -> str:
    """A 28×28 image, 0 background to 255 ink, as a `data:` URL."""
    data = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(image)).save(data, "PNG")
    return "data:image/png;base64," + base64.b64encode(data.getvalue()).decode()


def tile(split: Any, index: int) -> dict[str, Any]:
    return {"index": index, "label": int(split.labels[index]), "png": png(split.images[index])}
