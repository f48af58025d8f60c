"""The loop that all engines share: blocks of steps, points of the curves, checkpoints."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import replace
from time import perf_counter
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from digits.datasets import Split
from training.engines.checkpoint import Checkpoint
from training.engines.evaluation import evaluate
from training.engines.progress import Point, Progress, Tally
from training.engines.schedule import Block, Schedule
from training.hyperparameters import INPUTS, Hyperparameters
from training.nn import Network
from training.nn.arrays import Bytes

SAMPLE = 2048  # training images whose loss is measured before the training


class Diverged(Exception):
    """Raised as soon as the loss is infinite or undefined; its text says where, and what to try."""


class Trainer(Protocol):
    """An engine at work on one network."""

    def train(self, images: Bytes, labels: Bytes, step: int) -> tuple[float, int]:
        """Make the steps of a block, of which the first has number `step`, from 0.

        Images are (n, 784), batch after batch. Returns the sum of the losses and the number of right answers,
        each image judged in its own step.
        """

    def network(self) -> Network:
        """The network as it is now; may be a view that goes on changing."""

    def state(self) -> Mapping[str, NDArray[Any]]:
        """All arrays that going on needs; may be views."""

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Take over arrays that `state` gave."""


class Engine(ABC):
    """A way to train. `name` is its key in ENGINES, `label` is for people."""

    name: str
    label: str

    @abstractmethod
    def trainer(self, hyperparameters: Hyperparameters) -> Trainer:
        """A trainer with the initial network."""

    def fit(
        self,
        hyperparameters: Hyperparameters,
        train: Split,
        validation: Split,
        checkpoint: Checkpoint | None = None,
        *,
        interval: float = 0.2,
    ) -> Iterator[Progress]:
        """Train, and yield the progress at the start, every `interval` seconds or so, and after each epoch.

        To pause or stop, leave the loop. From a checkpoint the training goes on to the same bits as if it had
        never been interrupted; it may have more epochs than before (see CHANGEABLE). Raises
        InvalidHyperparameters or InvalidCheckpoint at once, Diverged on the way.
        """
        hyperparameters.validate()
        training = _Training(self, hyperparameters, train, validation)
        if checkpoint is not None:
            training.resume(checkpoint)
        return training.run(interval)


class _Training:
    """One training under way."""

    def __init__(
        self, engine: Engine, hyperparameters: Hyperparameters, train: Split, validation: Split
    ) -> None:
        self.engine, self.hyperparameters = engine, hyperparameters
        self.train, self.validation = train, validation
        self.pixels = train.images.reshape(-1, INPUTS)  # (images, 784), a view
        self.schedule = Schedule(hyperparameters, len(train))
        self.trainer = engine.trainer(hyperparameters)
        rows = self.schedule.block_steps * hyperparameters.batch_size
        self.gathered = np.empty((min(rows, len(train)), INPUTS), np.uint8)
        self.step, self.tally = 0, Tally()
        self.last_loss: float | None = None
        self.before, self.since = 0.0, perf_counter()

    def resume(self, checkpoint: Checkpoint) -> None:
        checkpoint.check(self.engine.name, self.hyperparameters, self.schedule.images)
        self.trainer.restore(checkpoint.arrays)
        self.step, self.tally = checkpoint.step, replace(checkpoint.tally)
        self.before = checkpoint.seconds

    def run(self, interval: float) -> Iterator[Progress]:
        self.since = perf_counter()
        points = [] if self.step else [self._first_point()]
        yield self._progress(points)
        shown, points, self.since = self.before, [], perf_counter()
        for block in self.schedule.blocks(self.step):
            self._train(block)
            if block.ends_point:
                points.append(self._point(block.ends_epoch))
            if block.ends_epoch or self._seconds() >= shown + interval:
                yield self._progress(points, block.ends_epoch)
                shown, points, self.since = self.before, [], perf_counter()

    def checkpoint(self) -> Checkpoint:
        return Checkpoint(
            self.engine.name,
            self.hyperparameters,
            self.schedule.images,
            self.step,
            self.before,
            replace(self.tally),
            {name: array.copy() for name, array in self.trainer.state().items()},
        )

    def network(self) -> Network:
        return self.trainer.network().copy()

    def _seconds(self) -> float:
        return self.before + perf_counter() - self.since

    def _progress(self, points: list[Point], epoch_ended: bool = False) -> Progress:
        self.before = self._seconds()
        step, schedule = self.step, self.schedule
        return Progress(
            step,
            schedule.steps,
            schedule.epoch(step),
            schedule.epochs,
            self.before,
            tuple(points),
            epoch_ended,
            self,
        )

    def _train(self, block: Block) -> None:
        images = self.gathered[: len(block.rows)]  # (rows, 784)
        # mode="clip" only because "raise" would go through a copy
        np.take(self.pixels, block.rows, axis=0, out=images, mode="clip")
        loss, correct = self.trainer.train(images, self.train.labels[block.rows], block.start)
        self._check(loss, block.start)
        self.step, self.last_loss = block.stop, loss / len(images)
        self.tally.loss += loss
        self.tally.correct += correct
        self.tally.images += len(images)

    def _first_point(self) -> Point:
        verdict = evaluate(self.trainer.network(), self.train[:SAMPLE], self.hyperparameters.loss)
        return self._measured(verdict.loss, verdict.accuracy, with_validation=True)

    def _point(self, with_validation: bool) -> Point:
        tally, self.tally = self.tally, Tally()
        return self._measured(tally.loss / tally.images, tally.correct / tally.images, with_validation)

    def _measured(self, loss: float, accuracy: float, with_validation: bool) -> Point:
        val_loss = val_accuracy = None
        if with_validation:
            verdict = evaluate(self.trainer.network(), self.validation, self.hyperparameters.loss)
            self._check(verdict.loss, max(self.step - 1, 0))
            val_loss, val_accuracy = verdict.loss, verdict.accuracy
        return Point(
            self.step,
            self.schedule.epoch(self.step),
            loss,
            accuracy,
            val_loss,
            val_accuracy,
            self._seconds(),
        )

    def _check(self, loss: float, step: int) -> None:
        if math.isfinite(loss):
            return
        rate, last = self.hyperparameters.learning_rate, self.last_loss
        raise Diverged(
            f"The loss became infinite or undefined (NaN) in epoch {int(self.schedule.epoch(step)) + 1} of "
            f"{self.schedule.epochs}{'' if last is None else f', after {last:.4g} before'}. "
            f"Try a lower learning rate: {rate / 10:g} instead of {rate:g}."
        )
