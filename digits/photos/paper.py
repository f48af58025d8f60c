"""Finds a sheet of paper in a photo and paints its surroundings, such as a table, in the sheet's shade, so that
no digits are found there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy import ndimage
from scipy.spatial import ConvexHull

from digits.datasets.dataset import Bytes

Mask = NDArray[np.bool_]

_ROUGH = 120  # pixels of the larger side of the reduced picture in which the sheet is searched
_STROKES = 15  # reduced pixels: a median filter of this size removes narrower strokes
_CONTRAST = 25  # shades of 255 between sheet and table, at least
_AREA = (0.15, 0.96)  # shares of the picture, least and most: below is no sheet, above is no table
_OUTSIDE = 0.45  # share of the picture's edge that may belong to the sheet, at most
_SHARP = 0.5  # share of the contrast within a few pixels of the edge, at least: light fades more slowly
_FILLED = 0.8  # share of its convex hull that a sheet fills, at least
_BRIM = 2  # reduced pixels inside the sheet's edge that count as table


def alone(grey: Bytes) -> Bytes:
    """The picture, uint8 (height, width), with the sheet's shade around the sheet; unchanged where no sheet is found.

    A sheet is a light or dark part of the picture, surrounded by the opposite, with a sharp edge, which a shadow or
    lamplight doesn't have."""
    height, width = grey.shape
    size = round(width * _ROUGH / max(grey.shape)), round(height * _ROUGH / max(grey.shape))
    if min(size) < 2 * _STROKES:
        return grey  # a narrow strip: too few pixels to search
    rough = np.asarray(Image.fromarray(grey).resize(size, Image.Resampling.BOX))
    plain = ndimage.median_filter(rough, _STROKES, mode="nearest").astype(np.float32)
    sheet = _sheet(plain)
    if sheet is None:
        return grey
    inner = ndimage.binary_erosion(sheet, iterations=_BRIM, border_value=1)
    # The shade comes from well within the sheet: near the edge the median filter mixes in the table's shade.
    deep = ndimage.binary_erosion(sheet, iterations=_STROKES // 2, border_value=1)
    nearest = ndimage.distance_transform_edt(
        ~(deep if deep.any() else inner), return_distances=False, return_indices=True
    )
    shade = Image.fromarray(plain[tuple(nearest)]).resize((width, height), Image.Resampling.BILINEAR)
    mask = Image.fromarray(inner.astype(np.float32)).resize((width, height), Image.Resampling.BILINEAR)
    return np.where(np.asarray(mask) > 0.5, grey, np.asarray(shade)).astype(np.uint8)


def _sheet(plain: NDArray[np.float32]) -> Mask | None:
    """The mask of the sheet in a picture without strokes; None where there is none."""
    light = plain > _threshold(plain)
    for part in (light, ~light):
        labels, _ = ndimage.label(part)
        largest = labels == 1 + int(np.argmax(np.bincount(labels.ravel(), minlength=2)[1:]))
        if largest.mean() < _FILLED * _AREA[0]:
            continue
        sheet = _hull(largest)
        is_convex = largest.sum() >= _FILLED * sheet.sum()
        if (
            is_convex
            and _AREA[0] <= sheet.mean() <= _AREA[1]
            and _is_surrounded(sheet)
            and _is_sharp(sheet, plain)
        ):
            return sheet
    return None


def _hull(part: Mask) -> Mask:
    """The convex hull of the part: fills dents and holes, such as ink near the edge leaves."""
    places = np.argwhere(part)  # (n, 2)
    corners = places[ConvexHull(places).vertices]
    image = Image.new("1", part.shape[::-1])
    ImageDraw.Draw(image).polygon([(int(x), int(y)) for y, x in corners], fill=1)
    return np.asarray(image)


def _threshold(values: NDArray[np.float32]) -> float:
    """The shade that splits the pixels into two groups with the least variance within them (Otsu 1979)."""
    counts = np.bincount(values.astype(np.uint8).ravel(), minlength=256)
    below = np.cumsum(counts)
    total = np.cumsum(counts * np.arange(256))
    above = below[-1] - below
    gap = total / np.maximum(below, 1) - (total[-1] - total) / np.maximum(above, 1)
    return float(np.argmax(below * above * gap**2))


def _is_surrounded(sheet: Mask) -> bool:
    edge = np.concatenate([sheet[0], sheet[-1], sheet[1:-1, 0], sheet[1:-1, -1]])
    return bool(edge.mean() <= _OUTSIDE)


def _is_sharp(sheet: Mask, plain: NDArray[np.float32]) -> bool:
    """Whether the shades of sheet and table differ enough, and change right at the sheet's edge."""
    inside = sheet & ~ndimage.binary_erosion(sheet, iterations=4, border_value=1)
    outside = ~sheet & ndimage.binary_dilation(sheet, iterations=4)
    if not (inside.any() and outside.any()):
        return False
    contrast = float(np.median(plain[sheet]) - np.median(plain[~sheet]))
    step = float(np.median(plain[inside]) - np.median(plain[outside]))
    return abs(contrast) >= _CONTRAST and step / contrast >= _SHARP
