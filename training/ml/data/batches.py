"""The order in which a training sees its images, and the steps where it measures; both follow from hyperparameters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.ml.config.hyperparameters import Hyperparameters

MOST_POINTS = 1000  # of a run's curves, unless it has more epochs
POINTS_PER_EPOCH = 16
BLOCK_IMAGES = 2048  # per block: 8 MB as bytes and float32 together
BLOCK_WORK = 4e9  # multiplications and additions per block: some 50 ms on one core


@dataclass(frozen=True, slots=True)
class Block:
    """Steps whose images are gathered at once; a training can be interrupted only between blocks."""

    start: int  # steps of the whole training that are done before the block
    stop: int  # steps that are done after the block
    rows: NDArray[np.int64]  # (images,): indices of the training images, batch after batch
    ends_epoch: bool
    ends_point: bool


class Batches:
    """The steps of a training on `images` images.

    Each epoch's order follows from the seed and the epoch's number alone, so a training can continue from the end
    of any block if only its step is stored.
    """

    def __init__(self, hyperparameters: Hyperparameters, images: int) -> None:
        self.images = images
        self.seed, self.batch_size = hyperparameters.seed, hyperparameters.batch_size
        self.epochs = hyperparameters.epochs
        self.steps_per_epoch = -(-images // self.batch_size)
        self.steps = self.epochs * self.steps_per_epoch
        longest = self._longest_block(hyperparameters.operations, hyperparameters.parameter_count)
        # Each point has the same number of blocks, so that all points stand for about as many images.
        per_point = -(-self.steps_per_epoch // (longest * POINTS_PER_EPOCH))
        self.blocks_per_epoch = min(per_point * POINTS_PER_EPOCH, self.steps_per_epoch)
        self.block_steps = -(-self.steps_per_epoch // self.blocks_per_epoch)  # of the longest block
        most = min(POINTS_PER_EPOCH, max(1, MOST_POINTS // self.epochs))
        self.points_per_epoch = min(most, self.blocks_per_epoch)

    def epoch(self, step: int) -> float:
        """The position after `step` steps, in epochs: 3.25 is a quarter into the fourth."""
        return step / self.steps_per_epoch

    def order(self, epoch: int) -> NDArray[np.int64]:
        """The shuffled indices of all training images in epoch number `epoch`, from 0."""
        return np.random.default_rng([self.seed, 1, epoch]).permutation(self.images)

    def blocks(self, step: int = 0, until: int | None = None) -> Iterator[Block]:
        """The blocks after `step` steps, to the end or to `until` steps, where a block ends early with a point."""
        end = self.steps if until is None else min(until, self.steps)
        order: NDArray[np.int64] | None = None
        while step < end:
            epoch, first = divmod(step, self.steps_per_epoch)
            if first == 0 or order is None:
                order = self.order(epoch)
            before = step - first
            # Blocks end at the same steps whether or not the training was interrupted.
            # The longest block comes first, so that its buffers suffice for all.
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
        # The time of a step, in multiplications and additions: some 3e6 for any step; 6 per multiplication and image
        # for outputs, dC/dx and dC/dweight; about 75 per parameter for the optimiser.
        work = 3e6 + operations * 6 * self.batch_size + parameters * 75
        return max(1, min(BLOCK_IMAGES // self.batch_size, int(BLOCK_WORK / work)))
