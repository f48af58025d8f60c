"""Turns a picture file of one digit (PNG, JPEG, BMP or GIF) into an image like MNIST's."""

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digits.datasets.dataset import SIDE, Bytes
from digits.datasets.errors import DatasetError
from digits.ink import bitmap
from digits.ink.grey import grey

FORMATS = ("PNG", "JPEG", "BMP", "GIF")
MOST_PIXELS = 4_000_000
_WORKING = 280  # pixels of the larger side: pictures from twice this size on are reduced to means of blocks
_FAINTEST = 16  # shades between the darkest and the lightest pixel, at least
_NOISE = 0.1  # share of the strongest ink: below it is paper, and from 1 minus it on is full ink
_VISIBLE = 0.4  # ink fainter than this does not count for the bounding box
_CLEAR = 0.8  # share of the border's pixels that must agree on the paper's shade


@dataclass(frozen=True)
class Picture:
    """A picture in grey, (height, width), 0 = black, 255 = white."""

    name: str
    grey: Bytes
    pixels: int  # in the file, before any reduction

    @property
    def paper_is_light(self) -> bool | None:
        """Whether the border is light; None if it is unclear, because ink touches it."""
        border = _border(self.grey)
        light = float((border > (int(self.grey.min()) + int(self.grey.max())) / 2).mean())
        return None if 1 - _CLEAR < light < _CLEAR else light >= _CLEAR

    @property
    def has_size(self) -> bool:
        """Whether the picture already has 28 × 28 pixels."""
        return self.grey.shape == (SIDE, SIDE)

    def image(self, paper_is_light: bool) -> Bytes:
        """Light ink on black, uint8 (28, 28): the larger side of the ink's bounding box scaled to 20 pixels with the
        aspect ratio kept, the centre of mass in the middle. A picture of 28 × 28 pixels is not scaled or moved."""
        grey = 255 - self.grey if paper_is_light else self.grey
        return grey if self.has_size else bitmap.normalise(_ink(grey), _VISIBLE)


def read(data: bytes, name: str) -> Picture:
    """Decodes a picture: the first frame of an animation, with transparent parts as paper.

    Raises `DatasetError`, with ``name``, for a file that is no picture, too large or of a single shade."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            pixels = image.width * image.height
            if pixels <= MOST_PIXELS:
                grey = _grey(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        pixels = MOST_PIXELS + 1
    except Exception as error:  # Pillow raises almost any exception for a damaged file
        raise DatasetError(
            f"{name}: expected a picture (PNG, JPEG, BMP or GIF), found none that can be read"
        ) from error
    if pixels > MOST_PIXELS:
        raise DatasetError(
            f"{name}: expected at most {MOST_PIXELS / 1e6:.0f} megapixels, found {_megapixels(pixels)}"
        )
    if int(grey.max()) - int(grey.min()) < _FAINTEST:
        raise DatasetError(f"{name}: expected ink on paper, found a single shade")
    return Picture(name, grey, pixels)


def _grey(image: Image.Image) -> Bytes:
    image = grey(image)
    if (factor := max(image.size) // _WORKING) > 1:
        image = image.reduce(factor)
    return np.asarray(image)


def _ink(grey: Bytes) -> NDArray[np.float32]:
    """The strength of ink at each pixel, 0–1, relative to the border, which shows the paper."""
    paper = float(np.median(_border(grey)))
    strength = (grey.astype(np.float32) - paper) / max(float(grey.max()) - paper, 1)  # (height, width)
    ink: NDArray[np.float32] = np.clip((strength - _NOISE) / (1 - 2 * _NOISE), 0, 1)
    return ink


def _border(grey: Bytes) -> Bytes:
    return np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])  # (2 · (height + width),)


def _megapixels(pixels: int) -> str:
    return f"{pixels / 1e6:.1f}" if pixels > MOST_PIXELS + 1 else "more"
