"""Augmentation: a training sees a slightly different version of each digit in each epoch, so that it overfits less."""

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

BLOCK = 64  # images per operation: their arrays fit into the processor's cache
SMOOTH = 4.0  # pixels: standard deviation of the elastic field's Gaussian bumps, Simard et al.'s σ
GRID = 7  # bumps per side


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How much images may change; 0 turns a change off.

    Each change is drawn uniformly from its range, except two: `elastic` moves every pixel by a smooth random field,
    and `noise` is added to every pixel. Both are normally distributed with the given standard deviation. (Simard,
    Steinkraus & Platt 2003; their best field had 1.4 pixels.)
    """

    shift: float = 0.0  # largest move, in pixels, along each axis
    rotate: float = 0.0  # largest rotation, in degrees, to either side
    scale: float = 0.0  # largest change of width and of height, each as a fraction
    shear: float = 0.0  # largest slant, in degrees
    stroke: float = 0.0  # largest change of stroke width, in pixels
    elastic: float = 0.0  # standard deviation, in pixels
    noise: float = 0.0  # standard deviation, as a fraction of full ink

    @classmethod
    def of(cls, hyperparameters: Hyperparameters) -> Augmentation:
        """The augmentation that the hyperparameters `augment_shift`, `augment_rotate` and so on describe."""
        return cls(*(getattr(hyperparameters, f"augment_{field.name}") for field in fields(cls)))

    @property
    def is_off(self) -> bool:
        """Whether images stay unchanged."""
        return not any(astuple(self))

    def apply(self, images: Bytes, generator: Generator) -> Bytes:
        """Augmented versions of the images (n, 784) or (n, 28, 28), as (n, 784).

        The same images and generator state give the same result. If `is_off`, returns the images, not copied.
        """
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
        """Coefficients and basis, for `resampled`, of the place from which each pixel takes its ink."""
        maps = self._maps(count, generator)  # (2, n, 3)
        if not self.elastic:
            return maps, AFFINE
        bends = generator.standard_normal((2, count, GRID * GRID), np.float32) * np.float32(self.elastic)
        return np.concatenate([maps, bends], axis=2), BENDING

    def _maps(self, count: int, generator: Generator) -> Singles:
        """Affine maps from a pixel's place to the place of its ink, as coefficients of AFFINE: (2, count, 3).

        A digit is scaled, sheared, rotated about its centre of mass and shifted. The map is the inverse: it undoes
        the shift, the rotation, the shear and the scale.
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
    """The images (n, 28, 28) with strokes thicker by `pixels` (n,), cut to 2, or thinner if negative.

    An edge moves outwards by half of `pixels`: each pixel moves this share of the way to its darkest neighbour's
    value. A stroke becomes thinner when the paper around it is thickened; its ink is then darkened again, because
    thin strokes turn pale by that.
    """
    paper = np.where(pixels < 0, 255, 0).astype(np.uint8)[:, None, None]  # (n, 1, 1)
    share = np.rint(np.minimum(np.abs(pixels), 2) * 64).astype(np.uint16)[:, None, None]  # of 2 · 128
    before = _with_margin(images)  # (n, 30, 30)
    after = _with_margin(images ^ paper)
    rows = _darkest(after, 1)
    cross, square = np.maximum(rows, _darkest(after, FRAME)), _darkest(rows, FRAME)  # (n, 30, 30)
    # The cross moves slanting edges too little, the square too much; their mean is right.
    growth = cross.astype(np.uint16) + square - after - after  # (n, 30, 30), twice the mean growth
    after += ((growth * share + 128) >> 8).astype(np.uint8)
    after = _with_margin(after[:, 1:-1, 1:-1] ^ paper)
    dark, faded = (_darkest(_darkest(grey, 1), FRAME) for grey in (before, after))  # (n, 30, 30)
    gain = dark / np.maximum(faded, 1).astype(np.float32)
    return np.rint(after * gain)[:, 1:-1, 1:-1].astype(np.uint8)


def noisy(images: Bytes, noise: float, generator: Generator) -> Bytes:
    """The images with normally distributed noise of standard deviation `noise` · 255 added to every pixel."""
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
    """The maximum of each pixel and the pixels `step` before and after it in the flat array.

    The margins keep neighbouring images apart.
    """
    flat, most = images.ravel(), images.ravel().copy()
    np.maximum(most[step:], flat[:-step], out=most[step:])
    np.maximum(most[:-step], flat[step:], out=most[:-step])
    return most.reshape(images.shape)


def _bending() -> Singles:
    """The rows of AFFINE, then Gaussian bumps on a grid: (3 + GRID², 784).

    At each pixel the bumps' squares sum to 1, so that normal coefficients of standard deviation s move every pixel
    with standard deviation s.
    """
    centres = np.linspace(-3, FIELD + 2, GRID)
    bumps = np.exp(-((np.arange(FIELD) - centres[:, None]) ** 2) / (2 * SMOOTH**2))  # (GRID, 28)
    bumps /= np.sqrt((bumps**2).sum(axis=0))
    return np.concatenate([AFFINE, np.kron(bumps, bumps).astype(np.float32)])


BENDING = _bending()
