"""Rules that end a training, and the comparison that finds its best epoch."""

from __future__ import annotations

from training.ml.config.hyperparameters import Hyperparameters
from training.ml.engines.points import Best


def is_better(hyperparameters: Hyperparameters, value: float, best: Best | None) -> bool:
    """Whether `value`, of the metric `monitor`, is better than the best epoch's so far."""
    if best is None:
        return True
    return value < best.value if hyperparameters.monitor == "val_loss" else value > best.value


def ended(
    hyperparameters: Hyperparameters,
    step: int,
    steps: int,
    seconds: float,
    best: Best | None,
    val_accuracy: float | None,
    epoch: int,
) -> str:
    """Why a training ends after `step` of `steps` steps, in a sentence for people; empty if it goes on.

    `seconds` is the training time so far. `val_accuracy`, 0–1, belongs to the epoch that ends here; None within an
    epoch. `epoch` is the number of finished epochs.
    """
    h = hyperparameters
    if step >= steps:
        return "All epochs trained."
    if h.max_seconds is not None and seconds >= h.max_seconds:
        return f"{h.max_seconds:g} seconds trained."
    if val_accuracy is None:
        return ""
    if h.target_accuracy is not None and val_accuracy >= h.target_accuracy:
        return f"Validation accuracy {val_accuracy:.2%} reached, {h.target_accuracy:.2%} wanted."
    if h.patience is not None and best is not None and epoch - best.epoch >= h.patience:
        metric = "lower validation loss" if h.monitor == "val_loss" else "higher validation accuracy"
        return f"No {metric} for {h.patience} epochs."
    return ""
