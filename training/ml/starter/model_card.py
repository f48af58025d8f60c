"""A model card: facts about a network that its users should know, as Markdown.

After M. Mitchell et al., "Model Cards for Model Reporting", 2019.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.ml.config.architecture import in_short
from training.ml.config.choices import OPTIMIZERS
from training.ml.config.hyperparameters import Hyperparameters
from training.ml.config.layer_types import CLASSES
from training.ml.engines import Evaluation
from training.ml.evaluation.calibration import STRANGE
from training.ml.nn import Network

WORST = 5  # confusions that are listed
PURPOSE = """\
Reads one handwritten digit from an image of 28×28 pixels in MNIST's convention: white ink on black, the
larger side of its box 20 pixels, its centre of mass at index (14, 14). `digits/ink/strokes.py` and
`static/js/ink/normalise.js` make such images from strokes."""
STRANGENESS = f"""\
What looks less like a digit than all but {100 * STRANGE:g} % of the digits that were kept aside is said to be none
(`training/ml/evaluation/calibration.py`). Of others of the kinds that it learnt not to read:"""
LIMITS = """\
It reads one digit at a time, and what looks like one it takes for one: an O is a 0, an l is a 1. MNIST was
written by employees of the Census Bureau and pupils in the USA, the pen strokes in Turkey; where people shape
their digits otherwise, expect more mistakes than here. It is meant for learning and trying, not for reading
anything that matters."""


@dataclass(frozen=True)
class Measurement:
    """A measurement on digits that the training never saw."""

    title: str
    evaluation: Evaluation


@dataclass(frozen=True)
class ModelCard:
    """A network, how it was made, and its results; `str` gives the card as Markdown."""

    name: str
    command: str
    network: Network
    size: int  # bytes of its file
    hyperparameters: Hyperparameters
    sources: Sequence[str]  # data with their licences, one sentence per source
    scores: Sequence[Measurement]
    strangers: Mapping[str, float]  # kind of non-digit -> share (0 to 1) recognised as no digit

    def __str__(self) -> str:
        blocks = [f"# {self.name}", PURPOSE, self._making(), "## Trained on", _listed(self.sources)]
        for score in self.scores:
            blocks += [f"## {score.title}", *scored(score.evaluation)]
        blocks += ["## What is no digit", STRANGENESS, _listed(self._strange())]
        return "\n\n".join([*blocks, "## Limits", LIMITS]) + "\n"

    def _strange(self) -> list[str]:
        return [
            f"{kind}: {100 * share:.1f} % are taken for no digit" for kind, share in self.strangers.items()
        ]

    def _making(self) -> str:
        chosen = self.hyperparameters
        return _listed(
            [
                f"Architecture: {in_short(self.network.layers)}; {self.network.parameter_count:,} parameters",
                f"File: {self.size:,} bytes, safetensors, 32-bit floats",
                f"Made by `{self.command}`",
                f"Seed {chosen.seed}, {chosen.epochs} epochs, batches of {chosen.batch_size}",
                f"{OPTIMIZERS[chosen.optimizer]}, learning rate from {chosen.learning_rate:g} as a cosine",
                "Every epoch saw each digit drawn anew: turned, sheared, stretched, bent, with another pen",
            ]
        )


def _listed(lines: Sequence[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def scored(evaluation: Evaluation) -> list[str]:
    """Blocks of Markdown: the accuracy, a table of the accuracy per digit, and the most frequent mistakes."""
    confusion = evaluation.confusion  # (10, 10): rows labels, columns predictions
    counts = confusion.sum(axis=1)  # (10,)
    shares = [
        f"{100 * right / count:.1f} %" if count else "–"
        for right, count in zip(confusion.diagonal(), counts, strict=True)
    ]
    table = [
        ["digit", *(str(digit) for digit in range(CLASSES))],
        ["---", *["---:"] * CLASSES],
        ["read right", *shares],
        ["of", *(f"{count:,}" for count in counts)],
    ]
    return [
        f"**{100 * evaluation.accuracy:.2f} %** of {counts.sum():,} are read right.",
        "\n".join(f"| {' | '.join(row)} |" for row in table),
        f"Most frequent mistakes: {', '.join(_mistakes(confusion)) or 'none'}.",
    ]


def _mistakes(confusion: NDArray[np.int64]) -> list[str]:
    """The most frequent mistakes in words, at most WORST."""
    wrong = confusion * (1 - np.eye(len(confusion), dtype=np.int64))  # (10, 10)
    worst = np.argsort(-wrong, axis=None, kind="stable")[:WORST]  # (WORST,)
    pairs = [(*divmod(int(place), len(wrong)), int(wrong.flat[place])) for place in worst]
    return [f"{label} read as {answer} ({count}×)" for label, answer, count in pairs if count]
