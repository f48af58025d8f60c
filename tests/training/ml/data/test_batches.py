"""The order of images, and where blocks and points end."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.ml.config.hyperparameters import Hyperparameters
from training.ml.config.templates import dense
from training.ml.data.batches import BLOCK_IMAGES, MOST_POINTS, Batches, Block

MNIST = 54_000


def blocks(batches: Batches, epoch: int = 0) -> list[Block]:
    start = epoch * batches.steps_per_epoch
    return [block for block in batches.blocks(start) if block.stop <= start + batches.steps_per_epoch]


@given(images=st.integers(1, 3000), batch_size=st.integers(1, 500), epochs=st.integers(1, 4))
def test_an_epoch_takes_every_image_once(images: int, batch_size: int, epochs: int) -> None:
    batches = Batches(Hyperparameters(batch_size=batch_size, epochs=epochs), images)

    everything = list(batches.blocks())

    rows = np.concatenate([block.rows for block in everything])
    assert np.array_equal(np.bincount(rows, minlength=images), np.full(images, epochs))
    assert everything[0].start == 0
    assert everything[-1].stop == batches.steps
    assert all(a.stop == b.start for a, b in pairwise(everything))
    assert sum(block.ends_epoch for block in everything) == epochs
    assert all(block.ends_point for block in everything if block.ends_epoch)


@given(batch_size=st.integers(1, 200), skip=st.integers(0, 1000))
def test_blocks_go_on_from_any_block(batch_size: int, skip: int) -> None:
    batches = Batches(Hyperparameters(batch_size=batch_size, epochs=2), 700)
    everything = list(batches.blocks())
    skip %= len(everything)

    rest = list(batches.blocks(everything[skip].start))

    assert len(rest) == len(everything) - skip
    for one, other in zip(rest, everything[skip:], strict=True):
        assert (one.start, one.stop, one.ends_point) == (other.start, other.stop, other.ends_point)
        assert np.array_equal(one.rows, other.rows)


@given(batch_size=st.integers(1, 200), step=st.integers(0, 1000))
def test_a_training_left_at_any_step_comes_back_to_its_blocks(batch_size: int, step: int) -> None:
    batches = Batches(Hyperparameters(batch_size=batch_size, epochs=2), 700)
    step %= batches.steps
    whole = {block.stop for block in batches.blocks()}

    before, after = list(batches.blocks(0, until=step)), list(batches.blocks(step))

    assert (before[-1].stop if before else 0) == step
    assert {block.stop for block in (*before, *after)} - {step} == whole - {step}
    rows = np.concatenate([block.rows for block in (*before, *after)])
    assert np.array_equal(rows, np.concatenate([block.rows for block in batches.blocks()]))
    assert not before or before[-1].ends_point


def test_orders_differ_between_epochs_and_seeds_and_repeat() -> None:
    batches = Batches(Hyperparameters(), 100)
    other = Batches(Hyperparameters(seed=1), 100)

    assert np.array_equal(batches.order(3), Batches(Hyperparameters(), 100).order(3))
    assert not np.array_equal(batches.order(0), batches.order(1))
    assert not np.array_equal(batches.order(0), other.order(0))


@pytest.mark.parametrize(("batch_size", "expected"), [(128, 16), (10, 16), (32, 16), (8192, 7), (2000, 16)])
def test_a_short_run_has_enough_points_in_an_epoch(batch_size: int, expected: int) -> None:
    batches = Batches(Hyperparameters(batch_size=batch_size), MNIST)
    assert sum(block.ends_point for block in blocks(batches)) == expected


@given(
    batch_size=st.integers(1, 500), images=st.integers(1, 100_000), epochs=st.sampled_from([1, 70, 150, 900])
)
def test_a_point_stands_for_about_as_many_steps_as_any_other(
    batch_size: int, images: int, epochs: int
) -> None:
    batches = Batches(Hyperparameters(batch_size=batch_size, epochs=epochs), images)

    ends = [0, *(block.stop for block in batches.blocks(until=batches.steps_per_epoch) if block.ends_point)]

    steps = np.diff(ends)
    assert steps.max() - steps.min() <= batches.block_steps + 1
    assert batches.block_steps == next(batches.blocks()).stop, "memory for the first is memory for all"
    assert steps.max() <= 2 * steps.min() + 2


@pytest.mark.parametrize("epochs", [1, 5, 60, 100, 1000])
def test_a_run_has_at_most_some_thousand_points(epochs: int) -> None:
    batches = Batches(Hyperparameters(epochs=epochs), MNIST)
    points = epochs * sum(block.ends_point for block in blocks(batches))
    assert epochs <= points <= MOST_POINTS


def test_blocks_are_bounded_in_memory_and_work() -> None:
    huge = Hyperparameters(layers=dense(4096, 3072), batch_size=32)
    assert Batches(huge, MNIST).block_steps == 1
    for batch_size in (1, 10, 128, 4000):
        batches = Batches(Hyperparameters(batch_size=batch_size), MNIST)
        assert batches.block_steps * batch_size <= max(BLOCK_IMAGES, batch_size)


def test_more_epochs_keep_the_blocks() -> None:
    batches = Batches(Hyperparameters(epochs=5), MNIST)
    longer = Batches(replace(Hyperparameters(), epochs=900), MNIST)
    assert longer.block_steps == batches.block_steps


def test_the_position_is_counted_in_epochs() -> None:
    batches = Batches(Hyperparameters(batch_size=25), 100)
    assert batches.epoch(13) == 3.25
