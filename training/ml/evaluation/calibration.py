"""How far a network's certainty can be trusted, and what it takes for no digit: measured on digits it didn't learn.

A network's probabilities are made honest with one temperature (Guo, Pleiss, Sun & Weinberger 2017). The likeliest
digit's share of these is how much like a digit an image looks to the network (Hendrycks & Gimpel 2017); where real
digits seldom come as low, it may be none. `static/js/network/calibration.js` is this module's twin.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from digits.datasets import Split
from training.ml.nn import Network
from training.ml.nn.activations import softmax
from training.ml.nn.losses import LOSSES

KEY = "calibration"  # in the metadata of a network's file
FRACTIONS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)  # of real digits
STRANGE = 0.002  # what looks less like a digit than all but this share of real digits is taken for none
COLDEST, HOTTEST = 0.2, 5.0


@dataclass(frozen=True)
class Calibration:
    """`quantiles[i]` is the certainty that a share `FRACTIONS[i]` of real digits doesn't reach."""

    temperature: float
    quantiles: tuple[float, ...]

    def certainty(self, probabilities: NDArray[np.float32]) -> NDArray[np.float64]:
        """The likeliest digit's honest probability (n,), from the network's ten (n, 10)."""
        return certainty(probabilities, self.temperature)

    def familiarity(self, probabilities: NDArray[np.float32]) -> NDArray[np.float64]:
        """The share of real digits (n,) that look less like digits than these do, from ten probabilities (n, 10)."""
        found = np.interp(self.certainty(probabilities), (0, *self.quantiles, 1), (0, *FRACTIONS, 1))
        shares: NDArray[np.float64] = found
        return shares

    def metadata(self) -> dict[str, str]:
        """As an entry in the metadata of a network's file."""
        return {KEY: json.dumps(asdict(self))}


def calibrated(network: Network, digits: Split) -> Calibration:
    """Calibrate on digits that the network did not learn from, some hundreds at least."""
    logits = np.concatenate([chunk.copy() for _, chunk in network.logits(digits.images)])  # (n, 10)
    loss = LOSSES["cross_entropy"].values

    def cost(log_temperature: float) -> float:
        return float(loss(logits / math.exp(log_temperature), digits.labels).mean())

    bounds = math.log(COLDEST), math.log(HOTTEST)
    temperature = math.exp(minimize_scalar(cost, bounds=bounds, method="bounded").x)
    certainties = certainty(softmax(logits), temperature)  # (n,)
    quantiles = np.quantile(certainties, FRACTIONS)
    return Calibration(round(temperature, 4), tuple(round(float(q), 5) for q in quantiles))


def certainty(probabilities: NDArray[np.float32], temperature: float) -> NDArray[np.float64]:
    """The largest of the probabilities (n, 10) with their logits divided by the temperature: (n,)."""
    sharp = probabilities.astype(np.float64) ** (1 / temperature)  # (n, 10)
    largest: NDArray[np.float64] = sharp.max(axis=1) / sharp.sum(axis=1)
    return largest
