"""Calibration of a network's certainty, and detection of images that are no digit; needs digits it didn't learn.

One temperature calibrates the network's probabilities (Guo, Pleiss, Sun & Weinberger 2017). The largest calibrated
probability, the certainty, tells how much an image looks like a digit (Hendrycks & Gimpel 2017): if few real digits
have so low a certainty, the image may be no digit. `static/js/network/calibration.js` does the same in the browser.
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
FRACTIONS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)  # of real digits, for `quantiles`
STRANGE = 0.002  # an image is taken for no digit if less than this share of real digits has a lower certainty
COLDEST, HOTTEST = 0.2, 5.0  # limits of the temperature


@dataclass(frozen=True)
class Calibration:
    """`quantiles[i]` is the certainty below which a share `FRACTIONS[i]` of real digits lies."""

    temperature: float
    quantiles: tuple[float, ...]

    def certainty(self, probabilities: NDArray[np.float32]) -> NDArray[np.float64]:
        """The likeliest digit's calibrated probability (n,), from the network's probabilities (n, 10)."""
        return certainty(probabilities, self.temperature)

    def familiarity(self, probabilities: NDArray[np.float32]) -> NDArray[np.float64]:
        """The share of real digits (n,) with a lower certainty than each image, from its probabilities (n, 10)."""
        found = np.interp(self.certainty(probabilities), (0, *self.quantiles, 1), (0, *FRACTIONS, 1))
        shares: NDArray[np.float64] = found
        return shares

    def metadata(self) -> dict[str, str]:
        """The calibration as an entry for the metadata of a network's file."""
        return {KEY: json.dumps(asdict(self))}


def calibrated(network: Network, digits: Split) -> Calibration:
    """Calibrate on at least some hundreds of digits that the network did not learn from."""
    logits = np.concatenate([chunk.copy() for _, chunk in network.logits(digits.images)])  # (n, 10)
    loss = LOSSES["cross_entropy"].values

    def mean_loss(log_temperature: float) -> float:
        return float(loss(logits / math.exp(log_temperature), digits.labels).mean())

    bounds = math.log(COLDEST), math.log(HOTTEST)
    temperature = math.exp(minimize_scalar(mean_loss, bounds=bounds, method="bounded").x)
    certainties = certainty(softmax(logits), temperature)  # (n,)
    quantiles = np.quantile(certainties, FRACTIONS)
    return Calibration(round(temperature, 4), tuple(round(float(q), 5) for q in quantiles))


def certainty(probabilities: NDArray[np.float32], temperature: float) -> NDArray[np.float64]:
    """The largest probability (n,) after the logits of the probabilities (n, 10) are divided by the temperature."""
    sharp = probabilities.astype(np.float64) ** (1 / temperature)  # (n, 10)
    largest: NDArray[np.float64] = sharp.max(axis=1) / sharp.sum(axis=1)
    return largest
