"""Converts a picture to shades of grey."""

import numpy as np
from PIL import Image, ImageOps


def grey(image: Image.Image) -> Image.Image:
    """The picture in 8-bit shades of grey, rotated as its EXIF data says; transparent parts become paper."""
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):  # 16 bits
        shades = np.asarray(image, np.float64) / 257  # (height, width)
        image = Image.fromarray(np.clip(shades, 0, 255).astype(np.uint8))
    elif image.has_transparency_data:
        image = _on_paper(image.convert("LA"))
    return image.convert("L")


def _on_paper(image: Image.Image) -> Image.Image:
    """The picture on an opaque background: black if its opaque parts are light, white if they are dark."""
    shade, opacity = (np.asarray(band, np.float64) for band in image.split())  # (height, width) each
    ink = (shade * opacity).sum() / max(opacity.sum(), 1)
    paper = Image.new("LA", image.size, (0 if ink > 127 else 255, 255)).convert("RGBA")
    return Image.alpha_composite(paper, image.convert("RGBA"))
