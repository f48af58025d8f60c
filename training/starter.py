"""The network that the application comes with: trained on MNIST and on real pen strokes, small enough for a page."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator

from digits.drawn import Drawing, as_on_page
from digits.ink import PEN, normalise
from training.augmentation import distorted, warped
from training.engines import ENGINES, Checkpoint, Evaluation, Examples, Split, evaluate
from training.hyperparameters import Hyperparameters
from training.nn import Network

HYPERPARAMETERS = Hyperparameters(hidden_layer_sizes=(160, 64), learning_rate=2e-3, epochs=50, batch_size=128)
FINAL_RATE = 0.005  # of the learning rate, after the last epoch
PLAIN = 0.2  # share of the images that are not redrawn
COPIES = 2  # redrawn images of each drawing in an epoch, beside its ink
PENS = (0.4, 1.4, 4.0)  # width: standard deviation, least and most, in pixels
VALIDATION = 5000  # images at the end of the training split, and the drawings of two writers, are kept aside
MEASURE_SEED = 1998  # of places and sizes of the drawings


@dataclass(frozen=True)
class Epoch:
    """What an epoch of the training came to."""

    number: int  # from 1
    train_loss: float
    val_accuracy: float
    network: Network
