"""In which order a training sees its images, and where it measures: all follows from the hyperparameters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.ml.config.hyperparameters import Hyperparameters

MOST_POINTS = 1000  # of a run, for its curves
POINTS_PER_EPOCH = 16
BLOCK_IMAGES = 2048  # 8 MB as bytes and float32 together
BLOCK_WORK = 4e9  # multiplications and additions: some 50 ms on one core


@dataclass(frozen=True, slots=True)
class Block:
    """Some steps without a look around: their images are gathered at once, and nobody interrupts them."""

    start: int  # step before its first step, counted over the whole training
    stop: int  # step after its last step
    rows: NDArray[np.int64]  # (images,): indices of the training images, batch after batch
    ends_epoch: bool
    ends_point: bool


class Batches:
    """The steps of a training on `images` images.

    Each epoch's order follows from the seed and the epoch's number alone, so that a training can go on from
    any block's end with nothing remembered but its step.
    """

    def __init__(self, hyperparameters: Hyperparameters, images: int) -> None:
        self.images = images
        self.seed, self.batch_size = hyperparameters.seed, hyperparameters.batch_size
        self.epochs = hyperparameters.epochs
        self.steps_per_epoch = -(-images // self.batch_size)
        self.steps = self.epochs * self.steps_per_epoch
        longest = self._longest_block(hyperparameters.operations, hyperparameters.parameter_count)
        # As many for each point, so that a point stands for about as many images as any other.
        per_point = -(-self.steps_per_epoch // (longest * POINTS_PER_EPOCH))
        self.blocks_per_epoch = min(per_point * POINTS_PER_EPOCH, self.steps_per_epoch)
        self.block_steps = -(-self.steps_per_epoch // self.blocks_per_epoch)  # of the longest
        most = min(POINTS_PER_EPOCH, max(1, MOST_POINTS // self.epochs))
        self.points_per_epoch = min(most, self.blocks_per_epoch)

    def epoch(self, step: int) -> float:
        """The position in epochs: 3.25 is a quarter into the fourth."""
        return step / self.steps_per_epoch

    def order(self, epoch: int) -> NDArray[np.int64]:
        """The shuffled indices of all training images in epoch number `epoch`, from 0."""
        return np.random.default_rng([self.seed, 1, epoch]).permutation(self.images)

    def blocks(self, step: int = 0, until: int | None = None) -> Iterator[Block]:
        """The blocks from `step` to the last one, or to `until`, where one ends early and makes a point."""
        end = self.steps if until is None else min(until, self.steps)
        order: NDArray[np.int64] | None = None
        while step < end:
            epoch, first = divmod(step, self.steps_per_epoch)
            if first == 0 or order is None:
                order = self.order(epoch)
            before = step - first
            # Blocks end where they would have, had nobody interrupted the training.
            # The longest comes first, so that memory for one is memory for all.
            block = first * self.blocks_per_epoch // self.steps_per_epoch
            whole = -(-(block + 1) * self.steps_per_epoch // self.blocks_per_epoch)
            last = min(whole, end - before)
            yield Block(
                step,
                before + last,
                order[first * self.batch_size : last * self.batch_size],
                last == self.steps_per_epoch,
                before + last == until or (last == whole and self._ends_point(block)),
            )
            step = before + last

    def _ends_point(self, block: int) -> bool:
        points, blocks = self.points_per_epoch, self.blocks_per_epoch
        return (block + 1) * points // blocks > block * points // blocks

    def _longest_block(self, operations: int, parameters: int) -> int:
        # A step costs some 3e6 operations' time anyhow, forward, backward and gradient 6 for each multiplication
        # and image, and the optimiser's passes about 75 for each parameter.
        work = 3e6 + operations * 6 * self.batch_size + parameters * 75
        return max(1, min(BLOCK_IMAGES // self.batch_size, int(BLOCK_WORK / work)))
