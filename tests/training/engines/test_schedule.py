"""The order of images, and where blocks and points end."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.engines.schedule import BLOCK_IMAGES, MOST_POINTS, Block, Schedule
from training.hyperparameters import Hyperparameters

MNIST = 54_000


def blocks(schedule: Schedule, epoch: int = 0) -> list[Block]:
    start = epoch * schedule.steps_per_epoch
    return [block for block in schedule.blocks(start) if block.stop <= start + schedule.steps_per_epoch]


@given(images=st.integers(1, 3000), batch_size=st.integers(1, 500), epochs=st.integers(1, 4))
def test_an_epoch_takes_every_image_once(images: int, batch_size: int, epochs: int) -> None:
    schedule = Schedule(Hyperparameters(batch_size=batch_size, epochs=epochs), images)

    everything = list(schedule.blocks())

    rows = np.concatenate([block.rows for block in everything])
    assert np.array_equal(np.bincount(rows, minlength=images), np.full(images, epochs))
    assert everything[0].start == 0
    assert everything[-1].stop == schedule.steps
    assert all(a.stop == b.start for a, b in pairwise(everything))
    assert sum(block.ends_epoch for block in everything) == epochs
    assert all(block.ends_point for block in everything if block.ends_epoch)


@given(batch_size=st.integers(1, 200), skip=st.integers(0, 1000))
def test_blocks_go_on_from_any_block(batch_size: int, skip: int) -> None:
    schedule = Schedule(Hyperparameters(batch_size=batch_size, epochs=2), 700)
    everything = list(schedule.blocks())
    skip %= len(everything)

    rest = list(schedule.blocks(everything[skip].start))

    assert len(rest) == len(everything) - skip
    for one, other in zip(rest, everything[skip:], strict=True):
        assert (one.start, one.stop, one.ends_point) == (other.start, other.stop, other.ends_point)
        assert np.array_equal(one.rows, other.rows)


def test_orders_differ_between_epochs_and_seeds_and_repeat() -> None:
    schedule = Schedule(Hyperparameters(), 100)
    other = Schedule(Hyperparameters(seed=1), 100)

    assert np.array_equal(schedule.order(3), Schedule(Hyperparameters(), 100).order(3))
    assert not np.array_equal(schedule.order(0), schedule.order(1))
    assert not np.array_equal(schedule.order(0), other.order(0))


@pytest.mark.parametrize(("batch_size", "expected"), [(128, 16), (10, 16), (32, 16), (8192, 7), (2000, 14)])
def test_a_short_run_has_enough_points_in_an_epoch(batch_size: int, expected: int) -> None:
    schedule = Schedule(Hyperparameters(batch_size=batch_size), MNIST)
    assert expected - 2 <= sum(block.ends_point for block in blocks(schedule)) <= expected


@pytest.mark.parametrize("epochs", [1, 5, 60, 100, 1000])
def test_a_run_has_at_most_some_thousand_points(epochs: int) -> None:
    schedule = Schedule(Hyperparameters(epochs=epochs), MNIST)
    points = epochs * sum(block.ends_point for block in blocks(schedule))
    assert epochs <= points <= MOST_POINTS


def test_blocks_are_bounded_in_memory_and_work() -> None:
    huge = Hyperparameters(hidden_layer_sizes=(4096, 3072), batch_size=32)
    assert Schedule(huge, MNIST).block_steps == 1
    for batch_size in (1, 10, 128, 4000):
        schedule = Schedule(Hyperparameters(batch_size=batch_size), MNIST)
        assert schedule.block_steps * batch_size <= BLOCK_IMAGES


def test_more_epochs_keep_the_blocks() -> None:
    schedule = Schedule(Hyperparameters(epochs=5), MNIST)
    longer = Schedule(replace(Hyperparameters(), epochs=900), MNIST)
    assert longer.block_steps == schedule.block_steps


def test_the_position_is_counted_in_epochs() -> None:
    schedule = Schedule(Hyperparameters(batch_size=25), 100)
    assert schedule.epoch(13) == 3.25
