"""Digits drawn a little differently each time a training looks at them, so that it learns more than its images."""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from digits.ink.strokes import CENTRE, FIELD
from training.ml.config.hyperparameters import Hyperparameters
from training.ml.config.layer_types import INPUTS
from training.ml.data.resampling import AFFINE, FRAME, Singles, resampled
from training.ml.nn.arrays import Bytes

BLOCK = 64  # images changed at once: their arrays fit into the cache
SMOOTH = 4.0  # pixels: standard deviation of the bumps that bend, Simard et al.'s σ
GRID = 7  # bumps a side


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How much images may change; each is drawn evenly from its range, 0 is none.

    `elastic` moves every pixel by a smooth random field, and `noise` adds to every pixel: both are normal with
    this standard deviation. (Simard, Steinkraus & Platt 2003; their best field had 1.4 pixels.)
    """

    shift: float = 0.0  # pixels, up to, in both directions
    rotate: float = 0.0  # degrees, up to, to both sides
    scale: float = 0.0  # largest change of width and of height, as a fraction
    shear: float = 0.0  # largest slant, in degrees
    stroke: float = 0.0  # largest change of stroke width, in pixels
    elastic: float = 0.0  # pixels
    noise: float = 0.0  # share of white

    @classmethod
    def of(cls, hyperparameters: Hyperparameters) -> Augmentation:
        """What the hyperparameters `augment_shift`, `augment_rotate` and so on ask for."""
        return cls(*(getattr(hyperparameters, f"augment_{field.name}") for field in fields(cls)))

    @property
    def is_off(self) -> bool:
        """Whether images stay unchanged."""
        return not any(astuple(self))

    def apply(self, images: Bytes, generator: Generator) -> Bytes:
        """The images (n, 784) or (n, 28, 28) drawn anew, as (n, 784): what comes of them follows from the
        generator alone. When nothing is to change these are the same images, not copied."""
        if self.is_off:
            return images.reshape(-1, INPUTS)
        squares = images.reshape(-1, FIELD, FIELD)
        fresh = np.empty(squares.shape, np.uint8)
        for start in range(0, len(squares), BLOCK):
            block = slice(start, start + BLOCK)
            fresh[block] = self._changed(squares[block], generator)
        return fresh.reshape(-1, INPUTS)

    def samples(self, images: Bytes, generator: Generator, count: int) -> Bytes:
        """`count` variants of each image: (n, count, 784)."""
        many = np.repeat(images.reshape(-1, INPUTS), count, axis=0)  # (n · count, 784)
        return self.apply(many, generator).reshape(-1, count, INPUTS)

    def _changed(self, images: Bytes, generator: Generator) -> Bytes:
        if self.stroke:
            images = thickened(images, generator.uniform(-self.stroke, self.stroke, len(images)))
        if any((self.shift, self.rotate, self.scale, self.shear, self.elastic)):
            images = resampled(images, *self._places(len(images), generator))
        if self.noise:
            images = noisy(images, self.noise, generator)
        return images

    def _places(self, count: int, generator: Generator) -> tuple[Singles, Singles]:
        """Coefficients and basis of where the ink of each pixel comes from, for `resampled`."""
        maps = self._maps(count, generator)  # (2, n, 3)
        if not self.elastic:
            return maps, AFFINE
        bends = generator.standard_normal((2, count, GRID * GRID), np.float32) * np.float32(self.elastic)
        return np.concatenate([maps, bends], axis=2), BENDING

    def _maps(self, count: int, generator: Generator) -> Singles:
        """From a pixel's place to where its ink comes from: (2, count, 3), in terms of AFFINE.

        A digit is scaled, sheared, turned about its centre of mass and shifted; so its ink is looked for by
        undoing the shift, the turn, the shear and the scale.
        """
        spread = np.array([self.shift, self.shift, self.rotate, self.shear, self.scale, self.scale])
        shift_x, shift_y, turn, lean, wide, high = generator.uniform(-1, 1, (count, 6)).T * spread[:, None]
        cos, sin, slope = np.cos(np.radians(turn)), np.sin(np.radians(turn)), np.tan(np.radians(lean))
        matrix = np.array(
            [
                [(cos + slope * sin) / (1 + wide), (sin - slope * cos) / (1 + wide)],
                [-sin / (1 + high), cos / (1 + high)],
            ]
        )  # (2, 2, count)
        origin = CENTRE - matrix[:, 0] * shift_x - matrix[:, 1] * shift_y  # (2, count)
        return np.concatenate([matrix, origin[:, None]], axis=1).swapaxes(1, 2).astype(np.float32)


def thickened(images: Bytes, pixels: NDArray[np.float64]) -> Bytes:
    """The images (n, 28, 28) with strokes thicker by so many pixels (n,), at most 2, or thinner if negative.

    An edge moves outwards by half of it: by that share a pixel becomes as dark as its darkest neighbour. To
    thin a stroke is to thicken the paper, and to give the ink back the darkness that thin strokes lose by it.
    """
    paper = np.where(pixels < 0, 255, 0).astype(np.uint8)[:, None, None]  # (n, 1, 1)
    share = np.rint(np.minimum(np.abs(pixels), 2) * 64).astype(np.uint16)[:, None, None]  # of 2 · 128
    before = _with_margin(images)  # (n, 30, 30)
    after = _with_margin(images ^ paper)
    rows = _darkest(after, 1)
    cross, square = np.maximum(rows, _darkest(after, FRAME)), _darkest(rows, FRAME)  # (n, 30, 30)
    # The cross moves slanting edges too little, the square too much; the mean of both is right.
    growth = cross.astype(np.uint16) + square - after - after  # (n, 30, 30), doubled
    after += ((growth * share + 128) >> 8).astype(np.uint8)
    after = _with_margin(after[:, 1:-1, 1:-1] ^ paper)
    dark, faded = (_darkest(_darkest(grey, 1), FRAME) for grey in (before, after))  # (n, 30, 30)
    gain = dark / np.maximum(faded, 1).astype(np.float32)
    return np.rint(after * gain)[:, 1:-1, 1:-1].astype(np.uint8)


def noisy(images: Bytes, noise: float, generator: Generator) -> Bytes:
    """The images with normal noise on every pixel, of standard deviation `noise` · 255."""
    grey = generator.standard_normal(images.shape, np.float32)
    grey *= np.float32(255 * noise)
    grey += images
    grey += 0.5
    np.clip(grey, 0, 255, out=grey)
    return grey.astype(np.uint8)


def _with_margin(images: Bytes) -> Bytes:
    margin = np.zeros((len(images), FRAME, FRAME), np.uint8)
    margin[:, 1:-1, 1:-1] = images
    return margin


def _darkest(images: Bytes, step: int) -> Bytes:
    """Each pixel or one of the two `step` before and after it, whichever has the most ink; the images'
    margins keep them apart."""
    flat, most = images.ravel(), images.ravel().copy()
    np.maximum(most[step:], flat[:-step], out=most[step:])
    np.maximum(most[:-step], flat[step:], out=most[:-step])
    return most.reshape(images.shape)


def _bending() -> Singles:
    """AFFINE and, below, smooth bumps on a grid: (3 + GRID², 784). At each pixel the bumps' squares sum up to
    1, so that as many normal numbers of spread s bend by s everywhere."""
    centres = np.linspace(-3, FIELD + 2, GRID)
    bumps = np.exp(-((np.arange(FIELD) - centres[:, None]) ** 2) / (2 * SMOOTH**2))  # (GRID, 28)
    bumps /= np.sqrt((bumps**2).sum(axis=0))
    return np.concatenate([AFFINE, np.kron(bumps, bumps).astype(np.float32)])


BENDING = _bending()
