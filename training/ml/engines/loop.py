"""The training loop that all engines share: blocks of steps, points of the curves, checkpoints, stop rules."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from digits.datasets import Split
from training.ml.config.hyperparameters import Hyperparameters
from training.ml.config.layer_types import GATES, INPUTS
from training.ml.data.augmentation import Augmentation
from training.ml.data.batches import Batches, Block
from training.ml.data.selection import Selection
from training.ml.engines import stop_rules
from training.ml.engines.checkpoint import Checkpoint
from training.ml.engines.errors import Diverged
from training.ml.engines.points import Best, Point, Tally
from training.ml.engines.progress import Progress
from training.ml.engines.trainer import Trainer
from training.ml.evaluation.evaluate import Evaluation, evaluate
from training.ml.nn import Network
from training.ml.nn.arrays import Bytes
from training.ml.nn.learning_rate import rate
from training.ml.nn.losses import smoothing_of

SAMPLE = 2048  # training images, at most, that measure the loss before the first step


class Training:
    """One training in progress, made by Engine.fit. `engine` is the engine's name, `trainer` its method."""

    def __init__(
        self,
        engine: str,
        trainer: Callable[[Hyperparameters, Network], Trainer],
        hyperparameters: Hyperparameters,
        train: Split | Selection,
        validation: Split,
        initial: Network | None,
    ) -> None:
        self.engine, self.hyperparameters = engine, hyperparameters
        self.train, self.validation = Selection.of(train), validation
        self.batches = Batches(hyperparameters, len(train))
        self.augmentation = Augmentation.of(hyperparameters)
        start = Network.for_hyperparameters(hyperparameters)
        if initial is not None:
            # Raises InvalidNetwork unless the number of parameters fits.
            start = Network(start.layers, initial.parameters.astype(np.float32))
        self.trainer = trainer(hyperparameters, start)
        rows = self.batches.block_steps * hyperparameters.batch_size
        self.gathered = np.empty((min(rows, len(train)), INPUTS), np.uint8)
        self.step, self.tally = 0, Tally()
        self.last_loss: float | None = None
        self.best: Best | None = None
        self.best_parameters: NDArray[np.floating[Any]] | None = None
        self.before, self.since = 0.0, perf_counter()

    def resume(self, checkpoint: Checkpoint) -> None:
        """Go on from the checkpoint's state; raises InvalidCheckpoint if it belongs to another training."""
        checkpoint.check(self.engine, self.hyperparameters, self.batches.images)
        self.trainer.restore(checkpoint.arrays)
        self.step, self.tally = checkpoint.step, replace(checkpoint.tally)
        self.before = checkpoint.seconds
        self.best, self.best_parameters = checkpoint.best, checkpoint.arrays.get("best")

    def run(self, until: int | None, interval: float) -> Iterator[Progress]:
        """The iteration of Engine.fit; raises Diverged."""
        self.since = perf_counter()
        points = [] if self.step else [self._first_point()]
        ended = stop_rules.ended(
            self.hyperparameters, self.step, self.batches.steps, self.before, self.best, None, 0
        )
        yield self._progress(points, ended=ended)
        shown, points, self.since = self.before, [], perf_counter()
        for block in () if ended else self.batches.blocks(self.step, until):
            self._train(block)
            if block.ends_point:
                points.append(self._point(block.ends_epoch))
            ended = self._ended(points, block)
            if block.ends_epoch or block.stop == until or ended or self._seconds() >= shown + interval:
                yield self._progress(points, block.ends_epoch, ended)
                shown, points, self.since = self.before, [], perf_counter()
            if ended:
                return

    @property
    def device(self) -> str:
        return self.trainer.device

    def checkpoint(self) -> Checkpoint:
        arrays = {name: array.copy() for name, array in self.trainer.state().items()}
        if self.best_parameters is not None:
            arrays["best"] = self.best_parameters
        return Checkpoint(
            self.engine,
            self.hyperparameters,
            self.batches.images,
            self.step,
            self.before,
            replace(self.tally),
            self.best,
            arrays,
        )

    def network(self) -> Network:
        return self.trainer.network().copy()

    def best_network(self) -> Network | None:
        if self.best_parameters is None:
            return None
        return Network(self.trainer.network().layers, self.best_parameters.copy())

    def change_learning_rate(self, rate: float) -> Hyperparameters:
        changes = (*self.hyperparameters.learning_rate_changes, (self.step, rate))
        changed = replace(self.hyperparameters, learning_rate_changes=changes)
        changed.validate()
        self.hyperparameters = changed
        return changed

    def _seconds(self) -> float:
        return self.before + perf_counter() - self.since

    def _progress(self, points: list[Point], epoch_ended: bool = False, ended: str = "") -> Progress:
        self.before = self._seconds()
        step, batches = self.step, self.batches
        return Progress(
            step,
            batches.steps,
            batches.epoch(step),
            batches.epochs,
            self.before,
            tuple(points),
            epoch_ended,
            ended,
            self,
        )

    def _train(self, block: Block) -> None:
        images = self.gathered[: len(block.rows)]  # (rows, 784)
        self.train.gather(block.rows, images)
        if not self.augmentation.is_off:
            self._augment(images, block)
        rates = [self._rate(step) for step in range(block.start, block.stop)]
        loss, correct = self.trainer.train(images, self.train.labels[block.rows], block.start, rates)
        self._check(loss, block.start)
        self.step, self.last_loss = block.stop, loss / len(images)
        self.tally.loss += loss
        self.tally.correct += correct
        self.tally.images += len(images)

    def _rate(self, step: int) -> float:
        """The learning rate of a step: the schedule's factor times the base rate in force at that step."""
        h = self.hyperparameters
        base = next(
            (rate for start, rate in reversed(h.learning_rate_changes) if start <= step), h.learning_rate
        )
        return rate(h, step, self.batches.steps, self.batches.steps_per_epoch) * (base / h.learning_rate)

    def _augment(self, images: Bytes, block: Block) -> None:
        """Augment the images in place; a step's random numbers follow from the seed and the step's number only."""
        size = self.hyperparameters.batch_size
        for step, start in enumerate(range(0, len(images), size), start=block.start):
            chance = np.random.default_rng([self.hyperparameters.seed, 3, step])
            images[start : start + size] = self.augmentation.apply(images[start : start + size], chance)

    def _first_point(self) -> Point:
        verdict = self._evaluate(self.train[:SAMPLE])
        return self._measured(verdict.loss, verdict.accuracy, with_validation=True)

    def _evaluate(self, split: Split) -> Evaluation:
        h = self.hyperparameters
        return evaluate(self.trainer.network(), split, h.loss, smoothing_of(h))

    def stopped_point(self) -> Point | None:
        """The point of the curves here, with validation; None where the last point was measured here. Changes nothing:
        a training that goes on from here gives the same points as one that never stopped."""
        if not self.tally.images:
            return None
        tally = self.tally
        return self._measured(tally.loss / tally.images, tally.correct / tally.images, with_validation=True)

    def _point(self, with_validation: bool) -> Point:
        tally, self.tally = self.tally, Tally()
        return self._measured(tally.loss / tally.images, tally.correct / tally.images, with_validation)

    def _measured(self, loss: float, accuracy: float, with_validation: bool) -> Point:
        val_loss = val_accuracy = None
        if with_validation:
            verdict = self._evaluate(self.validation)
            self._check(verdict.loss, max(self.step - 1, 0))
            val_loss, val_accuracy = verdict.loss, verdict.accuracy
        return Point(
            self.step,
            self.batches.epoch(self.step),
            loss,
            accuracy,
            val_loss,
            val_accuracy,
            self._seconds(),
        )

    def _ended(self, points: Sequence[Point], block: Block) -> str:
        """Records the best epoch. Returns why the training ends here, in a sentence; empty if it goes on."""
        h, accuracy = self.hyperparameters, None
        epoch = block.stop // self.batches.steps_per_epoch
        if block.ends_epoch:
            accuracy = points[-1].val_accuracy
            value = points[-1].val_loss if h.monitor == "val_loss" else accuracy
            if value is not None and stop_rules.is_better(h, value, self.best):
                self.best = Best(epoch, value)
                self.best_parameters = self.trainer.network().parameters.copy()
        return stop_rules.ended(h, self.step, self.batches.steps, self._seconds(), self.best, accuracy, epoch)

    def _check(self, loss: float, step: int) -> None:
        if math.isfinite(loss):
            return
        rate, last = self.hyperparameters.learning_rate, self.last_loss
        is_recurrent = any(layer.spec["type"] in GATES for layer in self.hyperparameters.traced)
        clip = ", or clip the gradients to a norm of 1"  # exploding gradients are typical of recurrent layers
        clipping = clip if is_recurrent and not self.hyperparameters.clip_norm else ""
        raise Diverged(
            f"The loss became infinite or undefined (NaN) in epoch {int(self.batches.epoch(step)) + 1} of "
            f"{self.batches.epochs}{'' if last is None else f', after {last:.4g} before'}. "
            f"Try a lower learning rate: {rate / 10:g} instead of {rate:g}{clipping}."
        )
