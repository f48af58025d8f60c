"""Converts a picture to shades of grey."""

import numpy as np
from PIL import Image, ImageOps


def grey(image: Image.Image) -> Image.Image:
    """The picture in 8-bit shades of grey, rotated as its EXIF data says; transparent parts become paper."""
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):
        image = from_16_bits(image)
    elif image.has_transparency_data:
        image = _on_paper(image.convert("LA"))
    return image.convert("L")


def from_16_bits(image: Image.Image) -> Image.Image:
    """The picture with 16 bits per pixel in 8-bit shades; cameras and scanners may use only the lower 10 or 12 bits."""
    shades = np.clip(np.asarray(image, np.int64), 0, 2**16 - 1)  # (height, width)
    bits = min(max(int(shades.max()).bit_length(), 8), 16)
    return Image.fromarray((shades * 255 // (2**bits - 1)).astype(np.uint8))


def _on_paper(image: Image.Image) -> Image.Image:
    """The picture on an opaque background: black if its opaque parts are light, white if they are dark."""
    shade, opacity = (np.asarray(band, np.float64) for band in image.split())  # (height, width) each
    ink = (shade * opacity).sum() / max(opacity.sum(), 1)
    paper = Image.new("LA", image.size, (0 if ink > 127 else 255, 255)).convert("RGBA")
    return Image.alpha_composite(paper, image.convert("RGBA"))
