"""Measures the presets' test accuracy and training time, the medians of three seeds. Takes half an hour.

python -m tests.benchmarks presets
"""

import time
from dataclasses import replace
from statistics import median
from typing import Any

from digits import datasets
from tests.benchmarks.engine import child
from training.ml.config.presets import PRESETS
from training.ml.engines import ENGINES, evaluate, split

SEEDS = 3
CORES = 2
# preset -> least test accuracy, most seconds
BARS: dict[str, tuple[float, float | None]] = {"best-mlp": (0.988, None), "best-cnn": (0.995, 600.0)}


def rows() -> list[dict[str, Any]]:
    """Return the accuracy of each preset, and the time of each preset with a limit."""
    return [row for name in BARS for row in _rows(name)]


def _rows(name: str) -> list[dict[str, Any]]:
    accuracy_bar, seconds_bar = BARS[name]
    tried = [child("tests.benchmarks.presets", "trained", [name, seed], CORES) for seed in range(SEEDS)]
    accuracy, seconds = (median(values) for values in zip(*tried, strict=True))
    title = f"preset “{PRESETS[name].title}”"
    found = [
        _row(
            f"{title}, test accuracy, median of {SEEDS} seeds", 100 * accuracy, "%", 100 * accuracy_bar, ">="
        )
    ]
    if seconds_bar:
        found.append(_row(f"{title}, training", seconds, "s", seconds_bar, "<="))
    return found


def _row(case: str, ours: float, unit: str, bar: float, sign: str) -> dict[str, Any]:
    ok = ours >= bar if sign == ">=" else ours <= bar
    words = f"{'≥' if sign == '>=' else '≤'} {bar:g}"
    return {"case": case, "ours": ours, "peer": None, "ratio": None, "unit": unit, "bar": words, "ok": ok}


def trained(argument: list[Any]) -> tuple[float, float]:
    """In a child: train a preset with a seed; return test accuracy and seconds."""
    name, seed = argument
    hyperparameters = replace(PRESETS[name].hyperparameters, seed=seed)
    dataset = datasets.load()
    began = time.perf_counter()
    *_, progress = ENGINES["numpy"].fit(hyperparameters, *split(dataset.train, hyperparameters))
    seconds = time.perf_counter() - began
    return evaluate(progress.network(), dataset.test).accuracy, seconds
