"""Measures the error of time estimates on trainings of all kinds: half to fit the estimates, half to test them.

python -m tests.benchmarks estimates
"""

import random
from dataclasses import replace
from statistics import median
from typing import Any

from digits import datasets
from tests.benchmarks.engine import child
from training.ml.config.hyperparameters import Hyperparameters
from training.ml.config.templates import dense
from training.ml.engines import ENGINES, split
from training.ml.resources import time

LEARNT, FORESEEN = 30, 30
LONGER = 4  # the trainings to test have this many times the epochs: estimates matter for longer runs
BEFORE, AFTER = 0.15, 0.05  # largest median relative errors: before the start, and after a tenth
TENTH = 0.1


def rows() -> list[dict[str, Any]]:
    """Return the median errors of estimates made before the start and after a tenth of the run."""
    learnt = [_trained({"seed": seed}) for seed in range(LEARNT)]
    prices = time.fitted([(terms, seconds) for terms, seconds, *_ in learnt])
    seeds = range(LEARNT, LEARNT + FORESEEN)
    held_out = [_trained({"seed": seed, "times": LONGER, "prices": prices}) for seed in seeds]
    seconds = [took for _, took, *_ in held_out]
    before = median(abs(foreseen / took - 1) for _, took, foreseen, _ in held_out)
    after = median(abs(foreseen / took - 1) for _, took, _, foreseen in held_out)
    print(f"Foreseen were trainings of {min(seconds):.0f} to {max(seconds):.0f} s.")
    runs = f"{FORESEEN} runs"
    return [
        _row(f"time before the start, median error over {runs}, learnt from {LEARNT} others", before, BEFORE),
        _row(f"time after a tenth, median error over {runs}", after, AFTER),
    ]


def _trained(what: dict[str, Any]) -> Any:
    return child("tests.benchmarks.estimates", "trained", what)


def _row(case: str, error: float, bar: float) -> dict[str, Any]:
    words, ok = f"≤ {100 * bar:g}", error <= bar
    return {
        "case": case,
        "ours": 100 * error,
        "peer": None,
        "ratio": None,
        "unit": "%",
        "bar": words,
        "ok": ok,
    }


def some(seed: int) -> Hyperparameters:
    """Return random hyperparameters for a training of a few seconds."""
    chance = random.Random(seed)
    sizes = [chance.choice([32, 64, 100, 128, 256, 400, 512]) for _ in range(chance.randint(0, 3))]
    activation = chance.choice(["relu", "tanh", "sigmoid", "gelu"])
    layers, images, epochs = chance.choices(
        [
            (
                dense(*sizes, activation=activation, dropout=chance.choice([0, 0, 0.2])),
                [20_000, 40_000, 60_000],
                6,
            ),
            (_convolutional(chance), [3_000, 6_000], 3),
            (
                (
                    {
                        "type": chance.choice(["gru", "lstm", "simple_rnn"]),
                        "units": chance.choice([32, 64, 128]),
                    },
                ),
                [8_000],
                3,
            ),
        ],
        [5, 3, 2],
    )[0]
    return Hyperparameters(
        layers=layers,
        optimizer=chance.choice(["adam", "sgd", "momentum", "rmsprop", "nadam"]),
        batch_size=chance.choice([16, 32, 64, 128, 256]),
        training_images=chance.choice(images),
        epochs=chance.randint(2, epochs),
        augment_rotate=chance.choice([0.0, 0.0, 10.0]),
        augment_elastic=chance.choice([0.0, 0.0, 1.0]),
        l2=chance.choice([0.0, 0.0, 1e-4]),
    )


def _convolutional(chance: random.Random) -> tuple[dict[str, Any], ...]:
    def stage(filters: int) -> tuple[dict[str, Any], ...]:
        kernel = chance.choice([3, 5])
        return (
            {"type": "conv2d", "filters": filters, "kernel_size": kernel},
            {"type": "max_pooling", "pool_size": 2},
        )

    last = dense(*[64] * chance.randint(0, 1))
    return (
        *stage(chance.choice([8, 16, 32])),
        *stage(chance.choice([16, 32, 64])),
        {"type": "flatten"},
        *last,
    )


def trained(what: dict[str, Any]) -> tuple[dict[str, float], float, float, float]:
    """In a child: train, and return the terms of its time, the seconds it took, and two estimates of the seconds.

    The estimates are from before the start, 0 without prices, and from after a tenth of the steps.
    """
    hyperparameters = some(what["seed"])
    hyperparameters = replace(hyperparameters, epochs=hyperparameters.epochs * what.get("times", 1))
    parts = split(datasets.load().train, hyperparameters)
    terms = time.terms(hyperparameters, len(parts[0]), len(parts[1]))
    before = time.seconds(terms, what["prices"]) if "prices" in what else 0.0
    after = start = 0.0
    for progress in ENGINES["numpy"].fit(hyperparameters, *parts):
        start = start or progress.seconds
        if not after and progress.step >= TENTH * progress.steps:
            done = time.share_done(hyperparameters, progress.step, progress.steps)
            after = progress.seconds + time.seconds_left(before, progress.seconds - start, done)
    return terms, progress.seconds, before, after
