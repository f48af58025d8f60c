"""Images as `data:` URLs inside a page, so that a hundred images take no requests."""

import base64
import io

import numpy as np
import numpy.typing as npt
from PIL import Image


def png(image: npt.NDArray[np.uint8]) -> str:
    """A 28×28 image, 0 background to 255 ink, as a `data:` URL."""
    return data_url(Image.fromarray(np.ascontiguousarray(image)), "PNG")


def data_url(image: Image.Image, kind: str) -> str:
    """A picture as a `data:` URL; `kind` is "PNG" or "JPEG"."""
    data = io.BytesIO()
    image.save(data, kind)
    return f"data:image/{kind.lower()};base64,{base64.b64encode(data.getvalue()).decode()}"
