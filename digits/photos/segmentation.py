"""A picture of handwritten digits, photographed or drawn elsewhere: the digits on it, line by line, as images in
MNIST's convention.

Ink is what differs from the paper around it, dark on light or light on dark, so uneven light does not matter. Ink that
hangs together is one piece; pieces above each other, and small ones beside a large one, are one digit: the flag of a
5, a stroke that broke. Digits that touch each other are taken for one, a ruled line as dark as the pen for ink like
any other. What lies around a sheet of paper is left out where the sheet can be told from it (paper.py).
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

_FAINTEST = 0.06  # of full contrast: what differs less from the paper is paper
_NOISE = 5  # standard deviations of the paper's noise, likewise
_INK = 0.35  # of the usual strength of ink: from there on a pixel is ink
_DARKEST = 0.3  # of white: where paper is darker, it is no longer taken for paper in weak light
_THICKEST = 0.25  # of the picture's shorter side: strokes are narrower
_FEWEST = 8  # pixels: lower digits can't be read
# In usual heights of the digits.
_SPECK = 0.1  # pieces of ink smaller than this are dirt
_LOWEST = 0.3  # what is lower is no digit: a dot, a minus sign
_HIGHEST = 1.5  # pieces that would make something higher belong to two lines
_BELOW = 0.3  # no wider gap is between pieces of a digit that lie above each other
_FRAGMENT = 0.65  # a piece smaller than this may be a part of the digit beside it,
_NEAR = 0.15  # if no wider gap is between them,
_WIDEST = 1.3  # and both together are not wider
_LARGE = 3.0  # what is larger is none either: a line below the digits, the edge of the paper
_BESIDE = 0.3  # of the lower one's height: two digits of a line are beside each other for so much
_DETAIL = (
    80,
    160,
)  # pixels of the larger side of a digit, at least and at most, while its strokes are measured
_STROKES = (2.2, 3.2)  # pixels of the 28: strokes are made at least and at most so wide

Grey: TypeAlias = NDArray[np.floating]
Mask: TypeAlias = NDArray[np.bool_]
Labels: TypeAlias = NDArray[np.signedinteger]


@dataclass(frozen=True)
class Box:
    """A part of a picture, in pixels; right and bottom are outside."""

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
        """How far two boxes are from each other, across and down; negative where they overlap."""
        across = max(self.left, other.left) - min(self.right, other.right)
        return across, max(self.top, other.top) - min(self.bottom, other.bottom)


@dataclass(frozen=True)
class Piece:
    """Ink of one digit: its box and the numbers of its connected parts."""

    box: Box
    parts: tuple[int, ...]

    def __or__(self, other: Piece) -> Piece:
        return Piece(self.box | other.box, self.parts + other.parts)


@dataclass(frozen=True)
class Found:
    """A digit on a picture: where, and what it looks like, uint8 (28, 28), light on black."""

    box: Box
    image: Bytes


def scan(grey: Bytes) -> list[list[Found]]:
    """The digits on a picture in grey, uint8 (height, width), in lines from top to bottom, each from left to right.

    Raises PictureError where there is no ink, or more than 200 digits."""
    ink = _ink(alone(grey))
    labels, _ = ndimage.label(ink > _INK, np.ones((3, 3)))  # at corners too
    digits = _digits(labels)
    if not digits:
        raise PictureError("No digits were found: write them large and clearly, on plain paper.")
    if len(digits) > MOST_DIGITS:
        raise PictureError(_too_many(len(digits)))
    return [[Found(piece.box, _image(piece, ink, labels)) for piece in line] for line in _lines(digits)]


def _too_many(spots: int) -> str:
    return f"Expected at most {MOST_DIGITS} digits, found {spots:,} spots of ink: write on plain paper."


def _ink(grey: Bytes) -> Grey:
    """How much ink there is at each pixel, 0–1, above the paper around it."""
    shades = grey.astype(np.float32) / 255  # (height, width)
    is_dark = _is_dark(shades)
    if is_dark:
        shades = 1 - shades
    light = _light(shades)
    # What is left of the rest without all that is high and narrow.
    widest = max(round(min(grey.shape) * _THICKEST), 3) | 1
    smooth = ndimage.uniform_filter(shades - light, 1 + max(grey.shape) // 400)
    paper = light + ndimage.grey_opening(smooth, (widest, widest))
    rise = shades - paper
    if is_dark:  # where light is weak, ink and paper are nearer to each other
        rise /= np.maximum(1 - paper, _DARKEST)
    rise -= _mean(rise, rise < 2 * _FAINTEST, widest)
    noise = np.sqrt(np.maximum(_mean(rise * rise, rise <= 0, max(widest // 3, 9)), 0))  # standard deviation
    visible = rise > np.maximum(_FAINTEST, _NOISE * noise)
    if not visible.any():
        raise PictureError("No ink was found: the picture is of a single shade.")
    ink: Grey = np.where(visible, np.clip(rise / np.percentile(rise[visible], 75), 0, 1), 0)
    return ink


def _is_dark(shades: Grey) -> bool:
    """Whether ink is darker than paper. There is less of it, so it lies further from the mean of what is around."""
    skews = []
    for share in (2, 4, 8, 16):
        cubes = (shades - ndimage.uniform_filter(shades, max(min(shades.shape) // share, 9))) ** 3
        skews.append(float(cubes.sum() / max(np.abs(cubes).sum(), 1e-9)))
    return max(skews, key=abs) < 0


def _light(shades: Grey) -> Grey:
    """What changes slowly over the whole picture: a paraboloid through most of it, (height, width)."""
    step = -(-max(shades.shape) // 100)
    rough = ndimage.uniform_filter(shades, step)[::step, ::step]
    terms = _terms(np.indices(rough.shape) * step / max(shades.shape)).reshape(6, -1).T  # (n, 6)
    values = rough.ravel()  # (n,)
    chosen = np.ones(len(values), bool)
    for _ in range(4):
        weights = np.linalg.lstsq(terms[chosen], values[chosen])[0]  # (6,)
        far = np.abs(terms @ weights - values)
        chosen = far <= max(4 * float(np.median(far[chosen])), 0.01)
    whole = _terms(np.indices(shades.shape, np.float32) / max(shades.shape))  # (6, height, width)
    light: Grey = np.tensordot(weights.astype(np.float32), whole, 1)
    return light


def _terms(places: Grey) -> Grey:
    """The terms of a paraboloid, (6, …), at places (2, …)."""
    y, x = places
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y])


def _mean(values: Grey, chosen: Mask, window: int) -> Grey:
    """The mean of the chosen values around each pixel; 0 where there are none."""
    share = ndimage.uniform_filter(chosen.astype(np.float32), window)
    total = ndimage.uniform_filter(np.where(chosen, values, 0), window)
    mean: Grey = np.where(share > 1e-3, total / np.maximum(share, 1e-3), 0)
    return mean


def _digits(labels: Labels) -> list[Piece]:
    """The digits that the connected parts of the ink make. Raises PictureError for far too many parts."""
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
    """The median height; larger pieces count more, for there may be much dirt."""
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
    """Digits beside each other, from top to bottom. Each is beside the one on its left, so lines may slant."""
    lines: list[list[Piece]] = []
    for digit in sorted(digits, key=lambda digit: digit.box.left):
        beside = [line for line in lines if _beside(line[-1].box, digit.box) > _BESIDE]
        if beside:
            max(beside, key=lambda line: _beside(line[-1].box, digit.box)).append(digit)
        else:
            lines.append([digit])
    return sorted(lines, key=lambda line: np.mean([digit.box.top + digit.box.bottom for digit in line]))


def _beside(a: Box, b: Box) -> float:
    """The share of the lower one's height that is beside the other."""
    return -a.gaps(b)[1] / min(a.height, b.height)


def _image(piece: Piece, ink: Grey, labels: Labels) -> Bytes:
    """A digit in MNIST's convention, uint8 (28, 28), its strokes about as wide as there."""
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
    edge = np.where(is_ink, -inside, outside)  # pixels from the edge of the ink, negative within it
    stroke = 4 * float(
        inside[is_ink].mean()
    )  # within a bar the edge is a quarter of its width away, in the mean
    pixel = box.size * scale / BOX
    wanted = float(np.clip(stroke / pixel, *_STROKES)) * pixel
    grown = max((wanted - stroke) / 2, wanted / 2 - float(inside.max()))
    return bitmap.normalise(np.clip(0.5 + grown - edge, 0, 1), _INK)
