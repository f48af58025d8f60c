"""Measures how long the starter network takes to learn a person's handwriting, and how its accuracy changes.

python -m tests.benchmarks handwriting

It learns fifty random drawings of the person it reads worst, among people it was not trained on. The result is
discarded. Needs INK_DIR; takes seconds.
"""

import os
import time
from collections import Counter
from typing import Any

import numpy as np

from tests.benchmarks.engine import child

DRAWINGS = 50
CORES = 1
MOST_SECONDS = 10.0
MOST_FORGOTTEN = 0.01  # largest loss of accuracy on the test images
SEED = 1


def rows() -> list[dict[str, Any]]:
    """Return the seconds, and accuracies before and after: on the drawings, the person's others, the test images."""
    if not os.environ.get("INK_DIR"):
        return []
    seconds, before, after = child("tests.benchmarks.handwriting", "learnt", [], CORES)
    case = f"learning {DRAWINGS} drawings, starter network"
    found = [_row(case, seconds, None, "s", f"≤ {MOST_SECONDS:g}", seconds <= MOST_SECONDS)]
    bars = (("≥ before", 0.0), ("≥ before", 0.0), (f"≥ before − {100 * MOST_FORGOTTEN:g}", MOST_FORGOTTEN))
    names = ("these drawings", "others of the same person", "MNIST’s test images")
    for name, old, new, (bar, slack) in zip(names, before, after, bars, strict=True):
        found.append(
            _row(f"{case}: {name} (peer: before)", 100 * new, 100 * old, "%", bar, new >= old - slack)
        )
    return found


def _row(case: str, ours: float, peer: float | None, unit: str, bar: str, ok: bool) -> dict[str, Any]:
    return {"case": case, "ours": ours, "peer": peer, "ratio": None, "unit": unit, "bar": bar, "ok": ok}


def learnt(argument: list[Any]) -> tuple[float, list[float], list[float]]:
    """In a child: return the seconds, and the three accuracies before and after."""
    import django

    django.setup()
    from digits import datasets
    from digits.datasets import Split, pendigits
    from digits.models.handwriting import mixed
    from training import networks
    from training.ml.config import presets
    from training.ml.engines import ENGINES, evaluate, split
    from training.ml.starter.recipe import MEASURING_SEED

    folder = pendigits.folder()
    assert folder, "INK_DIR names no folder with drawings"
    _, measured = pendigits.read(folder)
    page, writers = (
        pendigits.as_on_page(measured, MEASURING_SEED),
        np.array([each.writer for each in measured]),
    )
    starter, base = networks.load(networks.starter()), datasets.load()
    wrong = starter.predict(page.images).argmax(axis=1) != page.labels  # (n,)
    writer = Counter(writers[wrong]).most_common(1)[0][0]
    order = np.random.default_rng(SEED).permutation(np.flatnonzero(writers == writer))
    taught, rest = (Split(page.images[rows], page.labels[rows]) for rows in np.split(order, [DRAWINGS]))

    def accuracies(network: Any) -> list[float]:
        return [evaluate(network, judged).accuracy for judged in (taught, rest, base.test)]

    began = time.perf_counter()
    mixture = mixed(taught, base.train)
    hyperparameters = presets.fine_tuning(starter.layers[:-1], len(mixture))
    parts = split(mixture, hyperparameters)
    *_, progress = ENGINES["numpy"].fit(hyperparameters, *parts, initial=starter)
    seconds = time.perf_counter() - began
    return seconds, accuracies(starter), accuracies(progress.network())
