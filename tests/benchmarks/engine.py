"""Measures the NumPy engine: time compared with PyTorch's, time to 98 % test accuracy, memory.

python -m tests.benchmarks engine

Every measurement, ours or PyTorch's, is a process of its own with OPENBLAS_NUM_THREADS threads and cores, one by
default. With several, other programs on the machine disturb the results greatly. PyTorch is looked for in the
interpreter that TORCH_PYTHON names, else in this one; without it `peer` is None.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import numpy as np

from digits import datasets
from training.ml.config.choices import OPTIMIZERS
from training.ml.config.hyperparameters import Hyperparameters
from training.ml.config.templates import TEMPLATES, dense
from training.ml.engines import ENGINES, evaluate, split

ROOT = Path(__file__).parents[2]
CLEAR_REFS = Path("/proc/self/clear_refs")
PEER = Path(__file__).with_name("torch_peer.py")
ROUNDS = 3
EPOCHS = 3  # per round; the fastest epoch counts, because disturbances only add time
THREADS = os.environ.get("OPENBLAS_NUM_THREADS") or "1"
PINS = hasattr(os, "sched_setaffinity")
THREAD_VARIABLES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


class Case(NamedTuple):
    """A network to train for some epochs: dense layers of these sizes, or the CNN of Keras' example for None."""

    sizes: tuple[int, ...] | None
    batch_size: int
    optimizer: str
    bar: float  # the largest ratio of our seconds per epoch to PyTorch's
    epochs: int = EPOCHS

    def __str__(self) -> str:
        network = (
            "the Keras example CNN" if self.sizes is None else "-".join(map(str, (784, *self.sizes, 10)))
        )
        return f"epoch of {network}, batch {self.batch_size}, {OPTIMIZERS[self.optimizer]}"


CASES = [
    Case((128, 64), 128, "adam", 0.75),
    Case((100, 30), 10, "sgd", 0.75),
    Case((512, 512), 128, "adam", 1.0),
    Case(None, 128, "adam", 1.5, epochs=1),
]
GOAL = 0.98
GOAL_SECONDS = 10.0
LEARNER = Hyperparameters(
    layers=dense(384, dropout=0.1),
    optimizer="nesterov",
    learning_rate=0.2,
    batch_size=256,
    epochs=12,
    validation_split=0.02,
)
MEMORY = 120.0  # MB
LINEAR = 10.0  # %, the largest change of the time per image
FLAT = 10.0  # MB, the largest growth of memory

Row = dict[str, Any]


def rows() -> list[Row]:
    """Return all measurements of the engine."""
    return [*epochs(), accuracy(), memory(), *growth()]


def epochs() -> list[Row]:
    """Measure the seconds per epoch, training on 54,000 images and evaluation on 6,000, ours and PyTorch's in turns."""
    peer = torch_python()
    with tempfile.TemporaryDirectory() as folder:
        arrays = _saved(Path(folder)) if peer else []
        return [_epochs(case, peer, arrays) for case in CASES]


def accuracy() -> Row:
    """Measure the seconds of training to 98 % test accuracy, the median of three seeds."""
    seconds = median(_child("seconds_to_goal", seed) for seed in range(3))
    return _row("training to 98 % test accuracy", seconds, "s", GOAL_SECONDS)


def memory() -> Row:
    """Measure the peak memory of a training on all images, less the process's memory before it."""
    return _row("peak memory of a training over the idle worker", _child("megabytes", {}), "MB", MEMORY)


def growth() -> list[Row]:
    """Measure how the time per image and epoch changes with ten times the images, and memory with sixty times."""
    few, many = 6_000, 60_000
    seconds = {n: min(_child("seconds_of", n) for _ in range(ROUNDS)) / n for n in (few, many)}
    off = abs(seconds[many] / seconds[few] - 1)
    megabytes = {n: _child("own_megabytes", n) for n in (1_000, many)}
    return [
        _row("time of an image in an epoch of 60,000, off that of 6,000", 100 * off, "%", LINEAR),
        _row("memory for 60,000 images over that for 1,000", megabytes[many] - megabytes[1_000], "MB", FLAT),
    ]


def torch_python() -> str | None:
    """Return the interpreter that has PyTorch, or None."""
    python = os.environ.get("TORCH_PYTHON", sys.executable)
    found = subprocess.run([python, "-c", "import torch"], capture_output=True, check=False)
    return python if found.returncode == 0 else None


def _epochs(case: Case, peer: str | None, arrays: list[str]) -> Row:
    settings = {name: value for name, value in case._asdict().items() if name != "bar"}
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours += _child("seconds_an_epoch", settings)
        if peer:
            theirs += _run([peer, str(PEER), *arrays, json.dumps({**settings, "held_out": 6000})])
    return comparison(str(case), min(ours), min(theirs, default=None), "s", case.bar)


def _row(case: str, ours: float, unit: str, bar: float) -> Row:
    """Make a row of one value that must not be above the bar."""
    ours = round(ours, 3)
    return {
        "case": case,
        "ours": ours,
        "peer": None,
        "ratio": None,
        "unit": unit,
        "bar": bar,
        "ok": ours <= bar,
    }


def comparison(case: str, ours: float, peer: float | None, unit: str, bar: float | None) -> Row:
    """Make a row of two values whose ratio must not be above the bar; `ok` is None without a peer or a bar."""
    ratio = round(ours / peer, 3) if peer else None
    ours, peer = round(ours, 3), peer and round(peer, 3)
    ok = ratio <= bar if ratio and bar else None
    return {"case": case, "ours": ours, "peer": peer, "ratio": ratio, "unit": unit, "bar": bar, "ok": ok}


def child(
    module: str, measurement: str, argument: object, cores: int = int(THREADS), folder: Path = ROOT
) -> Any:
    """Call a function of a module below `folder` in a process of its own; argument and result pass as JSON."""
    call = "import importlib, json, sys; m, f, a = sys.argv[1:]; "
    call += "print(json.dumps(getattr(importlib.import_module(m), f)(json.loads(a))))"
    return _run([sys.executable, "-c", call, module, measurement, json.dumps(argument)], cores, folder)


def _child(measurement: str, argument: object) -> Any:
    return child("tests.benchmarks.engine", measurement, argument)


def _run(command: list[str], cores: int = int(THREADS), folder: Path = ROOT) -> Any:
    environment = {**os.environ, **dict.fromkeys(THREAD_VARIABLES, THREADS)}
    pinned = partial(os.sched_setaffinity, 0, sorted(os.sched_getaffinity(0))[-cores:]) if PINS else None
    done = subprocess.run(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, check=True, preexec_fn=pinned
    )
    return json.loads(done.stdout)


def _saved(folder: Path) -> list[str]:
    train = datasets.load().train
    np.save(folder / "images.npy", train.images)
    np.save(folder / "labels.npy", train.labels)
    return [str(folder / "images.npy"), str(folder / "labels.npy")]


def seconds_an_epoch(settings: dict[str, Any]) -> list[float]:
    """In a child: return the seconds of each epoch."""
    hyperparameters = Hyperparameters(
        layers=TEMPLATES["Keras example CNN"] if settings["sizes"] is None else dense(*settings["sizes"]),
        batch_size=settings["batch_size"],
        optimizer=settings["optimizer"],
        learning_rate=0.1 if settings["optimizer"] == "sgd" else 1e-3,
        epochs=settings["epochs"],
    )
    parts = split(datasets.load().train, hyperparameters)
    ends = [p.seconds for p in ENGINES["numpy"].fit(hyperparameters, *parts) if p.epoch_ended or not p.step]
    return np.diff(ends).tolist()


def seconds_to_goal(seed: int) -> float:
    """In a child: return the seconds of training until the test accuracy is GOAL; infinity if it never is."""
    hyperparameters = Hyperparameters.from_dict({**LEARNER.to_dict(), "seed": seed})
    dataset = datasets.load()
    parts = split(dataset.train, hyperparameters)
    for progress in ENGINES["numpy"].fit(hyperparameters, *parts):
        if evaluate(progress.network(), dataset.test).accuracy >= GOAL:
            return progress.seconds
    return float("inf")


def megabytes(changes: dict[str, Any]) -> float:
    """In a child: return the MB that a training, its checkpoints and its test add; `changes` are hyperparameters."""
    hyperparameters = Hyperparameters.from_dict({"epochs": 2, **changes})
    dataset = datasets.load()
    before = _resident("VmRSS")
    if CLEAR_REFS.exists():
        CLEAR_REFS.write_text("5")  # resets the peak
    parts = split(dataset.train, hyperparameters)
    for progress in ENGINES["numpy"].fit(hyperparameters, *parts):
        if progress.epoch_ended:
            progress.checkpoint().to_bytes()
    evaluate(progress.network(), dataset.test)
    return (_resident("VmHWM") - before) / 1e6


def _resident(kind: str) -> int:
    """Return the resident bytes now (VmRSS) or at their peak (VmHWM); without /proc, as on macOS, always the peak."""
    if not CLEAR_REFS.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    status = CLEAR_REFS.with_name("status").read_text().split(f"{kind}:")[1]
    return int(status.split()[0]) * 1024


def seconds_of(images: int) -> float:
    """In a child: return the seconds of the fastest epoch with this many images."""
    hyperparameters = Hyperparameters(training_images=images, epochs=1 + 120_000 // images)
    parts = split(datasets.load().train, hyperparameters)
    ends = [p.seconds for p in ENGINES["numpy"].fit(hyperparameters, *parts) if p.epoch_ended or not p.step]
    return float(np.diff(ends).min())


def own_megabytes(images: int) -> float:
    """In a child: return the peak of the process's own memory in a training, in MB, without the mapped dataset."""
    hyperparameters = Hyperparameters(training_images=images, epochs=2)
    parts = split(datasets.load().train, hyperparameters)
    status = CLEAR_REFS.with_name("status")
    return max(
        int(status.read_text().split("RssAnon:")[1].split()[0]) / 1e3
        for _ in ENGINES["numpy"].fit(hyperparameters, *parts, interval=0)
    )
