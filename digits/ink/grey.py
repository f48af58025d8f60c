"""A picture in shades of grey."""

import numpy as np
from PIL import Image, ImageOps


def grey(image: Image.Image) -> Image.Image:
    """A picture in shades of grey, upright; what is transparent becomes paper."""
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):  # 16 bits
        shades = np.asarray(image, np.float64) / 257  # (height, width)
        image = Image.fromarray(np.clip(shades, 0, 255).astype(np.uint8))
    elif image.has_transparency_data:
        image = _on_paper(image.convert("LA"))
    return image.convert("L")


def _on_paper(image: Image.Image) -> Image.Image:
    """What is opaque, on black if it is light and on white if it is dark."""
    shade, opacity = (np.asarray(band, np.float64) for band in image.split())  # (height, width) each
    ink = (shade * opacity).sum() / max(opacity.sum(), 1)
    paper = Image.new("LA", image.size, (0 if ink > 127 else 255, 255)).convert("RGBA")
    return Image.alpha_composite(paper, image.convert("RGBA"))
