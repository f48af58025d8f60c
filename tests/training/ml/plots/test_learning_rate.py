import pytest

from training.ml.config.choices import SCHEDULES
from training.ml.config.hyperparameters import Hyperparameters
from training.ml.plots.learning_rate import BOX, SchedulePlot


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_the_line_runs_from_edge_to_edge_and_stays_inside(schedule):
    plot = SchedulePlot.of(Hyperparameters(schedule=schedule, warmup_epochs=1), 60_000)
    points = [tuple(map(float, point.split(","))) for point in plot.points.split()]
    assert points[0][0] == 0
    assert points[-1][0] == pytest.approx(BOX, abs=1)
    assert all(0 <= x <= BOX and 0 <= y <= BOX for x, y in points)
    assert min(y for _, y in points) == 0, "the highest rate is at the top"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, "The learning rate stays at 0.001 for 5 epochs."),
        (
            {"schedule": "polynomial", "final_share": 0.1},
            "Over 5 epochs the learning rate falls from 0.001 to 0.0001",
        ),
        ({"schedule": "cosine"}, "falls from 0.001 to almost 0."),
        ({"warmup_epochs": 2}, "rises from"),
        ({"schedule": "one_cycle"}, "and falls from 0.001 to almost 0."),
    ],
)
def test_the_line_is_told_in_words(changes, says):
    assert says in SchedulePlot.of(Hyperparameters(**changes), 60_000).says


@pytest.mark.parametrize(
    "changes", [{"epochs": 1, "batch_size": 8192}, {"epochs": 1000}, {"learning_rate": 1e-30}]
)
def test_extremes_are_drawn_too(changes):
    plot = SchedulePlot.of(Hyperparameters(schedule="cosine", **changes), 1000)
    assert 1 <= len(plot.points.split()) <= 101
