"""Makes pictures of digits at known places, of rendered strokes or enlarged images, as a camera might take them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageDraw
from scipy import ndimage

from digits.datasets.pendigits import Drawing


@dataclass(frozen=True)
class Sheet:
    """A picture of digits, uint8 (height, width), and their labels.

    `owner` (height, width) holds each pixel's digit, counted from 1; 0 where there is no ink.
    """

    grey: Any
    owner: Any
    labels: list[int]


def rendered(drawing: Drawing, height: float, generator: Generator) -> Any:
    """Draw strokes with a pen of 3–14 % of `height`, at four times the resolution first; values 0–1.

    The larger side of the strokes becomes `height` pixels.
    """
    fine, pen = 4, height * generator.uniform(0.03, 0.14)
    points = np.concatenate(drawing.strokes)  # (n, 2)
    low, size = points.min(axis=0), np.ptp(points, axis=0)
    scale = height / max(float(size.max()), 1e-9)
    width, tall = (max(int(side * scale + 4 * pen), 1) for side in size)
    image = Image.new("L", (width * fine, tall * fine))
    draw, radius = ImageDraw.Draw(image), pen * fine / 2
    for stroke in drawing.strokes:
        path = [tuple(point) for point in ((stroke - low) * scale + 2 * pen) * fine]
        draw.line(path, 255, max(int(pen * fine), 1), joint="curve")
        for x, y in path:
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), 255)
    return np.asarray(image.resize((width, tall), Image.Resampling.BOX)) / 255


def enlarged(image: Any, height: float) -> Any:
    """Crop one of MNIST's images to its ink, and scale the larger side to `height` pixels; values 0–1."""
    rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
    box = Image.fromarray(image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    size = tuple(max(round(side * height / max(box.size)), 1) for side in box.size)
    return np.asarray(box.resize(size, Image.Resampling.BICUBIC)) / 255


def on_table(sheet: Sheet, generator: Generator) -> Sheet:
    """Put the sheet on a dark, grained table, rotated by up to 12°."""
    margin = int(max(sheet.grey.shape) * generator.uniform(0.08, 0.25))
    angle = generator.uniform(-12, 12)
    paper, owner = np.pad(sheet.grey + 1.0, margin), np.pad(sheet.owner, margin)
    paper = ndimage.rotate(paper, angle, reshape=False, order=0)
    owner = ndimage.rotate(owner, angle, reshape=False, order=0)
    y, x = np.indices(paper.shape)
    grain = 12 * np.sin(y / generator.uniform(5, 25) + 3 * np.sin(x / 200))
    table = generator.uniform(15, 80) + grain + generator.normal(0, 6, paper.shape)
    grey = np.where(paper > 0, paper - 1, table)
    return Sheet(np.clip(grey, 0, 255).astype(np.uint8), owner, sheet.labels)


def sheet(digits: list[tuple[Any, int]], height: int, is_dark: bool, generator: Generator) -> Sheet:
    """Put ten digits on a sheet, in two lines rotated by up to 4°, blurred, in uneven light, with noise."""
    ink = np.zeros((int(4.4 * height), int(12 * height)))
    owner = np.zeros(ink.shape, np.int32)
    x = 0.0
    for i, (digit, _) in enumerate(digits):
        x = 0.6 * height if i % 5 == 0 else x
        top = (0.7 + 1.65 * (i // 5)) * height + (height - digit.shape[0]) / 2
        top, left = int(top + generator.uniform(-0.06, 0.06) * height), int(x)
        part = slice(top, top + digit.shape[0]), slice(left, left + digit.shape[1])
        np.maximum(ink[part], digit, out=ink[part])
        owner[part][digit > 0.4] = i + 1
        x += digit.shape[1] + height * generator.uniform(0.15, 0.5)
    angle = generator.uniform(-4, 4)
    ink = np.clip(ndimage.rotate(ink, angle, reshape=False, order=1), 0, 1)
    owner = ndimage.rotate(owner, angle, reshape=False, order=0)
    ink = ndimage.gaussian_filter(ink, generator.uniform(0.3, max(0.35, height * 0.012)))
    y, x = np.indices(ink.shape) / np.array(ink.shape)[:, None, None]
    direction = generator.uniform(0, 2 * np.pi)
    light = 1 - generator.uniform(0.2, 0.55) * (np.cos(direction) * x + np.sin(direction) * y + 1) / 2
    paper, strength = (235, -generator.uniform(110, 200)) if is_dark else (20, generator.uniform(140, 220))
    grey = (paper + strength * ink) * light + generator.normal(0, generator.uniform(2, 7), ink.shape)
    return Sheet(np.clip(grey, 0, 255).astype(np.uint8), owner, [label for _, label in digits])
