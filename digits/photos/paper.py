"""The sheet of paper in a photo: its surroundings, such as a table, become paper too, so that nothing there is read."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy import ndimage
from scipy.spatial import ConvexHull

from digits.datasets.dataset import Bytes

Mask = NDArray[np.bool_]

_ROUGH = 120  # pixels of the larger side on which it is looked for
_STROKES = 15  # of these: narrower ones are no part of a sheet's shape
_CONTRAST = 25  # shades of 255 between sheet and table, at least
_AREA = (0.15, 0.96)  # of the picture: smaller is no sheet, and beside a larger one there is no table
_OUTSIDE = 0.45  # of the picture's edge may be the sheet's
_SHARP = 0.5  # of the contrast lies within a few pixels of the sheet's edge: light fades more slowly
_FILLED = 0.8  # of the smallest convex shape around it: a sheet has straight edges
_BRIM = 2  # rough pixels along that edge that are taken for the table's


def alone(grey: Bytes) -> Bytes:
    """The picture, uint8 (height, width), with the sheet's shade around the sheet; the same where it shows none.

    A sheet is one light or dark part of the picture, surrounded by the other, with a sharp edge: a shadow or a lamp's
    light has none."""
    height, width = grey.shape
    size = round(width * _ROUGH / max(grey.shape)), round(height * _ROUGH / max(grey.shape))
    if min(size) < 2 * _STROKES:
        return grey  # a strip
    rough = np.asarray(Image.fromarray(grey).resize(size, Image.Resampling.BOX))
    plain = ndimage.median_filter(rough, _STROKES, mode="nearest").astype(np.float32)
    sheet = _sheet(plain)
    if sheet is None:
        return grey
    inner = ndimage.binary_erosion(sheet, iterations=_BRIM, border_value=1)
    # Well within the sheet: near its edge a picture without strokes has the table's shade, too.
    deep = ndimage.binary_erosion(sheet, iterations=_STROKES // 2, border_value=1)
    nearest = ndimage.distance_transform_edt(
        ~(deep if deep.any() else inner), return_distances=False, return_indices=True
    )
    shade = Image.fromarray(plain[tuple(nearest)]).resize((width, height), Image.Resampling.BILINEAR)
    mask = Image.fromarray(inner.astype(np.float32)).resize((width, height), Image.Resampling.BILINEAR)
    return np.where(np.asarray(mask) > 0.5, grey, np.asarray(shade)).astype(np.uint8)


def _sheet(plain: NDArray[np.float32]) -> Mask | None:
    """Where the sheet is in a picture without strokes; None when there is none."""
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
    """The part with its dents and holes filled, such as ink leaves near its edge."""
    places = np.argwhere(part)  # (n, 2)
    corners = places[ConvexHull(places).vertices]
    image = Image.new("1", part.shape[::-1])
    ImageDraw.Draw(image).polygon([(int(x), int(y)) for y, x in corners], fill=1)
    return np.asarray(image)


def _threshold(values: NDArray[np.float32]) -> float:
    """The shade that parts the picture in two of the least variance (Otsu 1979)."""
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
    """Whether sheet and table differ, and do so right at the sheet's edge."""
    inside = sheet & ~ndimage.binary_erosion(sheet, iterations=4, border_value=1)
    outside = ~sheet & ndimage.binary_dilation(sheet, iterations=4)
    if not (inside.any() and outside.any()):
        return False
    contrast = float(np.median(plain[sheet]) - np.median(plain[~sheet]))
    step = float(np.median(plain[inside]) - np.median(plain[outside]))
    return abs(contrast) >= _CONTRAST and step / contrast >= _SHARP
