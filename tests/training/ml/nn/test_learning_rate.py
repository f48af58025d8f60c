"""Each schedule against its closed form."""

from math import cos, pi
from types import SimpleNamespace
from typing import Any

import pytest

from training.ml.nn.learning_rate import curve, rate

PER_EPOCH, EPOCHS = 10, 6
STEPS = PER_EPOCH * EPOCHS
PEAK = 0.2


def chosen(schedule: str, **changes: Any) -> Any:
    fields: dict[str, Any] = {
        "schedule": schedule,
        "learning_rate": PEAK,
        "decay_rate": 0.5,
        "decay_epochs": 2.0,
        "power": 2.0,
        "final_share": 0.1,
        "warmup_epochs": 0.0,
        "epochs": EPOCHS,
    }
    return SimpleNamespace(**fields | changes)


def rates(schedule: str, **changes: Any) -> list[float]:
    return [rate(chosen(schedule, **changes), step, STEPS, PER_EPOCH) for step in range(STEPS)]


def test_constant_stays() -> None:
    assert rates("constant") == [PEAK] * STEPS


def test_step_halves_after_every_two_epochs() -> None:
    assert rates("step") == pytest.approx([PEAK] * 20 + [PEAK / 2] * 20 + [PEAK / 4] * 20)


@pytest.mark.parametrize("steps", range(1, 10))
def test_step_falls_at_the_very_step_however_the_epochs_are_divided(steps: int) -> None:
    fall = rates("step", decay_epochs=steps / PER_EPOCH, decay_rate=0.9)
    assert fall == pytest.approx([PEAK * 0.9 ** (step // steps) for step in range(STEPS)])


def test_exponential_halves_every_two_epochs_smoothly() -> None:
    assert rates("exponential") == pytest.approx([PEAK * 0.5 ** (step / 20) for step in range(STEPS)])


def test_polynomial_falls_to_the_final_share() -> None:
    expected = [PEAK * (0.1 + 0.9 * (1 - step / STEPS) ** 2) for step in range(STEPS)]
    assert rates("polynomial") == pytest.approx(expected)


def test_cosine_falls_to_the_final_share() -> None:
    expected = [PEAK * (0.1 + 0.9 * (1 + cos(pi * step / STEPS)) / 2) for step in range(STEPS)]
    assert rates("cosine") == pytest.approx(expected)


def test_one_cycle_rises_over_30_percent_and_falls_to_almost_nothing() -> None:
    found = rates("one_cycle", warmup_epochs=3.0)

    assert (found[0], found[17], found[-1]) == pytest.approx((PEAK / 25, PEAK, PEAK / 25 / 1e4))
    middle = PEAK + (PEAK / 25 - PEAK) * (1 + cos(pi * 5 / 17)) / 2
    assert found[5] == pytest.approx(middle)
    assert found[:18] == sorted(found[:18])
    assert found[17:] == sorted(found[17:], reverse=True)


@pytest.mark.parametrize("steps", [1, 2, 3, 4, 10])
def test_one_cycle_fits_into_the_shortest_training(steps: int) -> None:
    found = [rate(chosen("one_cycle"), step, steps, steps) for step in range(steps)]
    assert all(0 < value <= PEAK for value in found)


def test_warm_up_rises_in_a_straight_line_to_the_whole() -> None:
    found = rates("constant", warmup_epochs=1.5)
    assert found == pytest.approx([PEAK * (step + 1) / 15 for step in range(15)] + [PEAK] * 45)


def test_the_schedule_runs_over_what_the_warm_up_leaves() -> None:
    found = rates("cosine", warmup_epochs=2.0)
    expected = [PEAK * (0.1 + 0.9 * (1 + cos(pi * step / 40)) / 2) for step in range(40)]
    assert found[20:] == pytest.approx(expected)


@pytest.mark.parametrize("epochs", [0.01, 0.25, 6.0, 100.0])
def test_a_warm_up_of_any_length_never_exceeds_the_rate(epochs: float) -> None:
    for schedule in ("constant", "step", "exponential", "polynomial", "cosine"):
        assert all(0 < value <= PEAK for value in rates(schedule, warmup_epochs=epochs))


def test_a_curve_goes_from_the_first_step_to_the_last() -> None:
    found = curve(chosen("cosine"), PER_EPOCH, points=13)

    assert len(found) == 13
    assert found[0] == (0, PEAK)
    assert found[-1] == ((STEPS - 1) / PER_EPOCH, rate(chosen("cosine"), STEPS - 1, STEPS, PER_EPOCH))


def test_a_curve_has_no_more_points_than_there_are_steps() -> None:
    assert [epoch for epoch, _ in curve(chosen("step", epochs=1), 4)] == [0, 0.25, 0.5, 0.75]
