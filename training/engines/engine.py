"""The loop that all engines share: blocks of steps, points of the curves, checkpoints, stop rules."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from time import perf_counter
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from digits.datasets import Split
from training.architecture import GATES, INPUTS
from training.augmentation import Augmentation
from training.engines import stop_rules
from training.engines.abilities import Abilities
from training.engines.checkpoint import Checkpoint
from training.engines.course import Block, Course
from training.engines.evaluation import evaluate
from training.engines.progress import Best, Point, Progress, Tally
from training.hyperparameters import Hyperparameters
from training.nn import Network
from training.nn.arrays import Bytes
from training.nn.learning_rate import rate
from training.selection import Selection

SAMPLE = 2048  # training images whose loss is measured before the training


class Diverged(Exception):
    """Raised as soon as the loss is infinite or undefined; its text says where, and what to try."""


class Unsupported(ValueError):
    """Raised when an engine can't train with some hyperparameters; its text says what, for people."""


class Trainer(Protocol):
    """An engine at work on one network. `device` is the GPU it computes on, for people; empty for the processor."""

    device: str

    def train(self, images: Bytes, labels: Bytes, step: int, rates: Sequence[float]) -> tuple[float, int]:
        """Make the steps of a block, of which the first has number `step`, from 0, each with its learning rate.

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
    version: str  # of all that its results depend on
    abilities = Abilities()
    missing: str = ""  # the command that installs it, where it isn't installed
    footprint: int = 0  # bytes that its package takes as soon as it is used

    @abstractmethod
    def trainer(self, hyperparameters: Hyperparameters, network: Network) -> Trainer:
        """A trainer that starts with the network, which is its own from now on."""

    def can_train(self, hyperparameters: Hyperparameters) -> bool:
        """Whether it is installed here and does all that these ask for."""
        return not self.missing and not self.problems(hyperparameters)

    def problems(self, hyperparameters: Hyperparameters) -> dict[str, str]:
        """What this engine can't do of valid hyperparameters, as field -> message for people."""
        return self.abilities.problems(self.label, hyperparameters)

    def fit(
        self,
        hyperparameters: Hyperparameters,
        train: Split | Selection,
        validation: Split,
        checkpoint: Checkpoint | None = None,
        *,
        initial: Network | None = None,
        until: int | None = None,
        interval: float = 0.2,
    ) -> Iterator[Progress]:
        """Train, and yield the progress at the start, every `interval` seconds or so, and after each epoch.

        To pause or stop, leave the loop; or name a step in `until`, at which it ends. From a checkpoint the training
        goes on to the same bits as if it had never been interrupted; it may have more epochs than before (see
        CHANGEABLE). It starts with the weights of `initial`, drawn by the hyperparameters' initialiser if None.
        Raises InvalidHyperparameters, InvalidCheckpoint, InvalidNetwork or Unsupported at once, Diverged on the way.
        """
        hyperparameters.validate()
        if problems := self.problems(hyperparameters):
            raise Unsupported(" ".join(problems.values()))
        training = _Training(self, hyperparameters, train, validation, initial)
        if checkpoint is not None:
            training.resume(checkpoint)
        return training.run(until, interval)


class _Training:
    """One training under way."""

    def __init__(
        self,
        engine: Engine,
        hyperparameters: Hyperparameters,
        train: Split | Selection,
        validation: Split,
        initial: Network | None,
    ) -> None:
        self.engine, self.hyperparameters = engine, hyperparameters
        self.train, self.validation = Selection.of(train), validation
        self.course = Course(hyperparameters, len(train))
        self.augmentation = Augmentation.of(hyperparameters)
        start = Network.for_hyperparameters(hyperparameters)
        if initial is not None:
            # Through its shapes, so that another architecture is refused.
            start = Network(start.layers, initial.parameters.astype(np.float32))
        self.trainer = engine.trainer(hyperparameters, start)
        rows = self.course.block_steps * hyperparameters.batch_size
        self.gathered = np.empty((min(rows, len(train)), INPUTS), np.uint8)
        self.step, self.tally = 0, Tally()
        self.last_loss: float | None = None
        self.best: Best | None = None
        self.best_parameters: NDArray[np.floating[Any]] | None = None
        self.before, self.since = 0.0, perf_counter()

    def resume(self, checkpoint: Checkpoint) -> None:
        checkpoint.check(self.engine.name, self.hyperparameters, self.course.images)
        self.trainer.restore(checkpoint.arrays)
        self.step, self.tally = checkpoint.step, replace(checkpoint.tally)
        self.before = checkpoint.seconds
        self.best, self.best_parameters = checkpoint.best, checkpoint.arrays.get("best")

    def run(self, until: int | None, interval: float) -> Iterator[Progress]:
        self.since = perf_counter()
        points = [] if self.step else [self._first_point()]
        ended = stop_rules.ended(
            self.hyperparameters, self.step, self.course.steps, self.before, self.best, None, 0
        )
        yield self._progress(points, ended=ended)
        shown, points, self.since = self.before, [], perf_counter()
        for block in () if ended else self.course.blocks(self.step, until):
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
            self.engine.name,
            self.hyperparameters,
            self.course.images,
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
        step, course = self.step, self.course
        return Progress(
            step,
            course.steps,
            course.epoch(step),
            course.epochs,
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
        """The learning rate of a step: the schedule's, over the base rate that was last set before it."""
        h = self.hyperparameters
        base = next(
            (rate for start, rate in reversed(h.learning_rate_changes) if start <= step), h.learning_rate
        )
        return rate(h, step, self.course.steps, self.course.steps_per_epoch) * (base / h.learning_rate)

    def _augment(self, images: Bytes, block: Block) -> None:
        """Change the images in place; the chance of each step follows from the seed and its number alone."""
        size = self.hyperparameters.batch_size
        for step, start in enumerate(range(0, len(images), size), start=block.start):
            chance = np.random.default_rng([self.hyperparameters.seed, 3, step])
            images[start : start + size] = self.augmentation.apply(images[start : start + size], chance)

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
            self.course.epoch(self.step),
            loss,
            accuracy,
            val_loss,
            val_accuracy,
            self._seconds(),
        )

    def _ended(self, points: Sequence[Point], block: Block) -> str:
        """Why the training ends here, if it does; remembers the best epoch."""
        h, accuracy = self.hyperparameters, None
        epoch = block.stop // self.course.steps_per_epoch
        if block.ends_epoch:
            accuracy = points[-1].val_accuracy
            value = points[-1].val_loss if h.monitor == "val_loss" else accuracy
            if value is not None and stop_rules.is_better(h, value, self.best):
                self.best = Best(epoch, value)
                self.best_parameters = self.trainer.network().parameters.copy()
        return stop_rules.ended(h, self.step, self.course.steps, self._seconds(), self.best, accuracy, epoch)

    def _check(self, loss: float, step: int) -> None:
        if math.isfinite(loss):
            return
        rate, last = self.hyperparameters.learning_rate, self.last_loss
        is_recurrent = any(layer.spec["type"] in GATES for layer in self.hyperparameters.traced)
        clip = ", or clip the gradients to a norm of 1"  # which is what makes recurrent layers' explode
        clipping = clip if is_recurrent and not self.hyperparameters.clip_norm else ""
        raise Diverged(
            f"The loss became infinite or undefined (NaN) in epoch {int(self.course.epoch(step)) + 1} of "
            f"{self.course.epochs}{'' if last is None else f', after {last:.4g} before'}. "
            f"Try a lower learning rate: {rate / 10:g} instead of {rate:g}{clipping}."
        )
