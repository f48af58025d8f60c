"""What trainings cost: counting, and learning prices from what was measured."""

import random
from dataclasses import replace

import pytest

from training.ml.config.hyperparameters import Hyperparameters
from training.ml.config.templates import TEMPLATES, dense
from training.ml.resources import time

PRICES = {name: price * (1 + i % 4) for i, (name, price) in enumerate(time.USUAL.items())}


def some(seed: int, count: int) -> list[dict[str, float]]:
    chance = random.Random(seed)
    return [
        time.terms(
            Hyperparameters(
                layers=chance.choice([dense(chance.randint(8, 500)), *TEMPLATES.values()]),
                optimizer=chance.choice(list(time.PASSES)),
                batch_size=chance.choice([16, 64, 256]),
                epochs=chance.randint(1, 9),
                augment_rotate=chance.choice([0.0, 5.0]),
                augment_elastic=chance.choice([0.0, 1.0]),
            ),
            chance.randint(1000, 60_000),
            1000,
        )
        for _ in range(count)
    ]


def test_prices_are_found_from_trainings_that_were_measured():
    measured = [(terms, time.seconds(terms, PRICES)) for terms in some(0, 80)]
    found = time.fitted(measured)
    errors = [abs(time.seconds(terms, found) / time.seconds(terms, PRICES) - 1) for terms in some(1, 30)]
    assert sorted(errors)[15] < 0.1


def test_without_trainings_they_are_the_usual_ones_scaled():
    assert time.fitted([], 3) == pytest.approx({name: 3 * price for name, price in time.USUAL.items()})


def test_prices_are_never_negative():
    nothing = [(terms, 1e-9) for terms in some(2, 20)]
    assert min(time.fitted(nothing).values()) >= 0


def test_every_optimizer_has_its_passes():
    from training.ml.config.choices import OPTIMIZERS

    assert set(time.PASSES) == set(OPTIMIZERS)


def test_the_share_done_counts_the_judgement_at_each_epochs_end() -> None:
    halves = Hyperparameters(epochs=2, validation_split=0.5)
    assert 0.3 < time.share_done(halves, 49, 100) < 0.45, "the first judgement is still to come"
    assert time.share_done(halves, 50, 100) == pytest.approx(0.5)
    assert time.share_done(halves, 100, 100) == pytest.approx(1)
    bent = replace(halves, augment_elastic=1.0)
    assert time.share_done(halves, 49, 100) < time.share_done(bent, 49, 100) < 0.49, (
        "nothing judged is augmented"
    )


def test_what_was_measured_soon_outweighs_the_estimate() -> None:
    assert time.seconds_left(1000, 100, 0.1) == pytest.approx(900, rel=1e-3), "what was measured counts"
    assert time.seconds_left(0, 1, 0.01) == pytest.approx(99)
    assert 99 < time.seconds_left(1000, 1, 0.01) < 990
