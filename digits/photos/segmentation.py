"""Finds the digits on a photographed or drawn picture, line by line, as images in MNIST's convention.

Ink differs from the paper around it, dark on light or light on dark, so uneven light does not matter. Connected ink is
one piece. Pieces above each other, and small pieces beside a large one, form one digit: the flag of a 5, a broken
stroke. Known limits: digits that touch count as one digit, and a ruled line as dark as the pen counts as ink. The
surroundings of a sheet of paper are ignored where the sheet is found (paper.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from digits.datasets.dataset import Bytes
from digits.ink import bitmap
from digits.ink.strokes import BOX
from digits.photos.decode import PictureError
from digits.photos.paper import alone

MOST_DIGITS = 200
MOST_PIECES = 600

_FAINTEST = 0.06  # of full contrast: a pixel that differs less from the paper is paper
_NOISE = 5  # standard deviations of the paper's noise: a pixel that differs less is paper
_INK = 0.35  # of the usual strength of ink: a stronger pixel is ink
_DARKEST = 0.3  # of white: the contrast of darker paper is not amplified any further
_THICKEST = 0.25  # of the picture's shorter side: wider strokes are not found
_FEWEST = 8  # pixels: digits of less height can't be read
# In units of the usual height of the digits:
_SPECK = 0.1  # pieces of ink smaller than this are dirt
_LOWEST = 0.3  # a piece of less height is no digit, but a dot or a minus sign
_HIGHEST = 1.5  # pieces that together would be higher belong to two lines
_BELOW = 0.3  # the widest gap between pieces of a digit above each other
_FRAGMENT = 0.65  # a smaller piece may be a part of the digit beside it,
_NEAR = 0.15  # if the gap between them is at most this,
_WIDEST = 1.3  # and both together are at most this wide
_LARGE = 3.0  # a larger piece is no digit, but a ruled line or the edge of the paper
_BESIDE = 0.3  # of the smaller height: two digits of a line overlap vertically by more than this
_DETAIL = (
    80,
    160,
)  # pixels, least and most, of the larger side of a digit while its strokes are measured
_STROKES = (2.2, 3.2)  # pixels of the 28: least and most width that strokes are given

Grey: TypeAlias = NDArray[np.floating]
Mask: TypeAlias = NDArray[np.bool_]
Labels: TypeAlias = NDArray[np.signedinteger]


@dataclass(frozen=True)
class Box:
    """A rectangle of a picture, in pixels; `right` and `bottom` are exclusive."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def size(self) -> int:
        return max(self.width, self.height)

    def __or__(self, other: Box) -> Box:
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def gaps(self, other: Box) -> tuple[int, int]:
        """The horizontal and the vertical gap between two boxes, in pixels; negative where they overlap."""
        across = max(self.left, other.left) - min(self.right, other.right)
        return across, max(self.top, other.top) - min(self.bottom, other.bottom)


@dataclass(frozen=True)
class Piece:
    """Ink of one digit or of a part of it: its box, and the labels of its connected parts."""

    box: Box
    parts: tuple[int, ...]

    def __or__(self, other: Piece) -> Piece:
        return Piece(self.box | other.box, self.parts + other.parts)


@dataclass(frozen=True)
class Found:
    """A digit on a picture: its box, and its image, uint8 (28, 28), light on black."""

    box: Box
    image: Bytes


def scan(grey: Bytes) -> list[list[Found]]:
    """The digits on a picture in grey, uint8 (height, width), in lines from top to bottom, each from left to right.

    Raises PictureError where there is no ink or no digit, or more than 200 digits or 600 pieces of ink."""
    ink = _ink(alone(grey))
    labels, _ = ndimage.label(ink > _INK, np.ones((3, 3)))  # pixels that touch at corners are connected
    digits = _digits(labels)
    if not digits:
        raise PictureError("No digits were found: write them large and clearly, on plain paper.")
    if len(digits) > MOST_DIGITS:
        raise PictureError(_too_many(len(digits)))
    return [[Found(piece.box, _image(piece, ink, labels)) for piece in line] for line in _lines(digits)]


def _too_many(spots: int) -> str:
    return f"Expected at most {MOST_DIGITS} digits, found {spots:,} spots of ink: write on plain paper."


def _ink(grey: Bytes) -> Grey:
    """The strength of ink at each pixel, 0–1, relative to the paper around it. Raises PictureError for no ink."""
    shades = grey.astype(np.float32) / 255  # (height, width)
    is_dark = _is_dark(shades)
    if is_dark:
        shades = 1 - shades
    light = _light(shades)
    # The opening removes the ink, which is bright and narrow by now; the paper is left.
    widest = max(round(min(grey.shape) * _THICKEST), 3) | 1
    smooth = ndimage.uniform_filter(shades - light, 1 + max(grey.shape) // 400)
    paper = light + ndimage.grey_opening(smooth, (widest, widest))
    rise = shades - paper
    if is_dark:  # weak light reduces the contrast of ink and paper
        rise /= np.maximum(1 - paper, _DARKEST)
    rise -= _mean(rise, rise < 2 * _FAINTEST, widest)
    noise = np.sqrt(np.maximum(_mean(rise * rise, rise <= 0, max(widest // 3, 9)), 0))  # standard deviation
    visible = rise > np.maximum(_FAINTEST, _NOISE * noise)
    if not visible.any():
        raise PictureError("No ink was found: the picture is of a single shade.")
    ink: Grey = np.where(visible, np.clip(rise / np.percentile(rise[visible], 75), 0, 1), 0)
    return ink


def _is_dark(shades: Grey) -> bool:
    """Whether ink is darker than paper. Ink covers less area than paper, so it differs more from the local mean."""
    skews = []
    for share in (2, 4, 8, 16):
        rise = shades - ndimage.uniform_filter(shades, max(min(shades.shape) // share, 9))
        cubes = rise * rise * rise  # three times as fast as a power
        skews.append(float(cubes.sum() / max(np.abs(cubes).sum(), 1e-9)))
    return max(skews, key=abs) < 0


def _light(shades: Grey) -> Grey:
    """The slow change of light over the picture, (height, width): a quadratic surface fitted to most of its pixels."""
    step = -(-max(shades.shape) // 100)
    rough = ndimage.uniform_filter(shades, step)[::step, ::step]
    terms = _terms(np.indices(rough.shape) * step / max(shades.shape)).reshape(6, -1).T  # (n, 6)
    values = rough.ravel()  # (n,)
    chosen = np.ones(len(values), bool)
    for _ in range(4):
        weights = np.linalg.lstsq(terms[chosen], values[chosen])[0]  # (6,)
        far = np.abs(terms @ weights - values)
        chosen = far <= max(4 * float(np.median(far[chosen])), 0.01)
    # The same terms for all pixels, without six arrays as large as the picture.
    a, b, c, d, e, f = weights.astype(np.float32)
    y, x = (np.arange(side, dtype=np.float32) / max(shades.shape) for side in shades.shape)
    light: Grey = (a + c * y + f * y * y)[:, None] + (b * x + d * x * x)[None] + (e * y)[:, None] * x
    return light


def _terms(places: Grey) -> Grey:
    """The six terms of a quadratic surface, (6, …), at places (2, …)."""
    y, x = places
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y])


def _mean(values: Grey, chosen: Mask, window: int) -> Grey:
    """The mean of the chosen values in a square window around each pixel; 0 where there are none."""
    share = ndimage.uniform_filter(chosen.astype(np.float32), window)
    total = ndimage.uniform_filter(np.where(chosen, values, 0), window)
    mean: Grey = np.where(share > 1e-3, total / np.maximum(share, 1e-3), 0)
    return mean


def _digits(labels: Labels) -> list[Piece]:
    """The digits, joined from the connected parts of the ink. Raises PictureError for more than MOST_PIECES pieces."""
    pieces = [
        Piece(Box(columns.start, rows.start, columns.stop, rows.stop), (number,))
        for number, (rows, columns) in enumerate(ndimage.find_objects(labels), 1)
    ]
    usual = _usual_height(pieces, np.bincount(labels.ravel()))
    pieces = [piece for piece in pieces if _SPECK * usual <= piece.box.size <= _LARGE * usual]
    if len(pieces) > MOST_PIECES:
        raise PictureError(_too_many(len(pieces)))
    lowest = max(_LOWEST * usual, _FEWEST)
    return [piece for piece in _joined(pieces, usual) if piece.box.height >= lowest]


def _usual_height(pieces: list[Piece], areas: NDArray[np.int64]) -> float:
    """The median height of the pieces, weighted by the root of their areas, since dirt adds many small pieces."""
    heights = np.array([piece.box.height for piece in pieces])  # (n,)
    weights = np.sqrt([areas[piece.parts[0]] for piece in pieces])  # (n,)
    order = np.argsort(heights)
    upto = np.cumsum(weights[order])
    return float(heights[order][np.searchsorted(upto, upto[-1] / 2)])


def _joined(pieces: list[Piece], usual: float) -> list[Piece]:
    """Joins pieces of ink until each is one whole digit."""
    while True:
        done: list[Piece] = []
        for piece in sorted(pieces, key=lambda piece: -piece.box.size):
            at = next((i for i, other in enumerate(done) if _belong(piece.box, other.box, usual)), None)
            if at is None:
                done.append(piece)
            else:
                done[at] |= piece
        if len(done) == len(pieces):
            return done
        pieces = done


def _belong(a: Box, b: Box, usual: float) -> bool:
    """Whether two pieces are parts of one digit: one above the other, or a small one beside the other."""
    across, down = a.gaps(b)
    both = a | b
    if both.height > max(_HIGHEST * usual, a.height, b.height):
        return False
    if -across >= min(a.width, b.width) / 2:
        return down <= _BELOW * usual
    is_part = min(a.size, b.size) < _FRAGMENT * usual and both.width <= _WIDEST * usual
    return is_part and max(across, down) <= _NEAR * usual


def _lines(digits: list[Piece]) -> list[list[Piece]]:
    """The digits in lines, from top to bottom. Each digit is compared with the one on its left, so lines may slant."""
    lines: list[list[Piece]] = []
    for digit in sorted(digits, key=lambda digit: digit.box.left):
        beside = [line for line in lines if _beside(line[-1].box, digit.box) > _BESIDE]
        if beside:
            max(beside, key=lambda line: _beside(line[-1].box, digit.box)).append(digit)
        else:
            lines.append([digit])
    return sorted(lines, key=lambda line: np.mean([digit.box.top + digit.box.bottom for digit in line]))


def _beside(a: Box, b: Box) -> float:
    """The vertical overlap of two boxes, as a share of the smaller height; negative where there is a gap."""
    return -a.gaps(b)[1] / min(a.height, b.height)


def _image(piece: Piece, ink: Grey, labels: Labels) -> Bytes:
    """The digit in MNIST's convention, uint8 (28, 28), with strokes about as wide as MNIST's."""
    box = piece.box
    around = slice(max(box.top - 2, 0), box.bottom + 2), slice(max(box.left - 2, 0), box.right + 2)
    own = np.isin(labels[around], piece.parts)
    near = ndimage.binary_dilation(own, iterations=2) & (own | (labels[around] == 0))
    patch = Image.fromarray(np.where(near, ink[around], 0))
    scale = float(np.clip(1.0, _DETAIL[0] / box.size, _DETAIL[1] / box.size))
    size = max(round(patch.width * scale), 1), max(round(patch.height * scale), 1)
    large = np.pad(np.asarray(patch.resize(size, Image.Resampling.BILINEAR)), round(box.size * scale / 4))

    is_ink = large > min(_INK, float(large.max()) / 2)
    inside = ndimage.distance_transform_edt(is_ink) - 0.5
    outside = ndimage.distance_transform_edt(~is_ink) - 0.5
    edge = np.where(is_ink, -inside, outside)  # distance in pixels from the edge of the ink, negative inside
    stroke = 4 * float(
        inside[is_ink].mean()
    )  # in a bar the mean distance from the edge is a quarter of its width
    pixel = box.size * scale / BOX
    wanted = float(np.clip(stroke / pixel, *_STROKES)) * pixel
    grown = max((wanted - stroke) / 2, wanted / 2 - float(inside.max()))
    return bitmap.normalise(np.clip(0.5 + grown - edge, 0, 1), _INK)
