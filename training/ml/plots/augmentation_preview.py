"""Digits of a dataset, unchanged and augmented."""

from dataclasses import dataclass

import numpy as np

from digits.datasets import Split
from digits.datasets.dataset import SIDE
from digits.ink.png import png
from training.ml.config.layer_types import CLASSES
from training.ml.data.augmentation import Augmentation
from training.ml.nn.arrays import Bytes

VARIANTS = 3  # per digit
LOOKED_AT = 1000  # first images of the split, among which each label is looked for
GAP = 4  # pixels between images


@dataclass(frozen=True)
class AugmentationPreview:
    """One image of each label, and variants of it drawn with the random seed `chance`."""

    split: Split
    augmentation: Augmentation
    chance: int = 0

    @property
    def next_chance(self) -> int:
        return (self.chance + 1) % 1000

    @property
    def originals(self) -> str:
        """The unchanged images in one row, as a `data:` URL."""
        return png(_in_rows(self._images()[:, None]))

    @property
    def variants(self) -> str:
        """The variants in VARIANTS rows, a column per label, as a `data:` URL."""
        generator = np.random.default_rng([self.chance, 2])
        drawn = self.augmentation.samples(self._images(), generator, VARIANTS)  # (labels, VARIANTS, 784)
        return png(_in_rows(drawn.reshape(len(drawn), VARIANTS, SIDE, SIDE)))

    def _images(self) -> Bytes:
        labels = self.split.labels[:LOOKED_AT]
        firsts = [int(np.argmax(labels == label)) for label in range(CLASSES) if (labels == label).any()]
        return self.split.images[firsts]  # (labels, 28, 28)


def _in_rows(images: Bytes) -> Bytes:
    """One image of all images (columns, rows, 28, 28), with gaps between them."""
    columns, rows = images.shape[:2]
    pitch = SIDE + GAP
    sheet = np.zeros((rows * pitch - GAP, columns * pitch - GAP), np.uint8)
    for column, row in np.ndindex(columns, rows):
        y, x = row * pitch, column * pitch
        sheet[y : y + SIDE, x : x + SIDE] = images[column, row]
    return sheet
