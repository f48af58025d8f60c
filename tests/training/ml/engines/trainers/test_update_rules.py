"""The formulas are written for arrays of any framework; in NumPy's they must do what training.ml.nn.optimizers does."""

from dataclasses import replace

import numpy as np
import pytest

from training.ml.config.choices import OPTIMIZERS as CHOICES
from training.ml.config.hyperparameters import Hyperparameters
from training.ml.engines.trainers import update_rules
from training.ml.engines.trainers.update_rules import UPDATE_RULES
from training.ml.nn.optimizers import OPTIMIZERS, clip

COUNT = 40  # parameters, the first half of them weights


def gradients() -> np.ndarray:
    return np.random.default_rng(1).normal(size=(20, COUNT))


def start() -> np.ndarray:
    return np.random.default_rng(2).normal(size=COUNT)


def by_rule(hyperparameters: Hyperparameters) -> np.ndarray:
    """The parameters after a step for each gradient."""
    rule, optimizer = UPDATE_RULES[hyperparameters.optimizer], OPTIMIZERS[hyperparameters.optimizer]
    w, weights = start(), np.repeat([1.0, 0.0], COUNT // 2)
    slots = tuple(np.full(COUNT, optimizer.slot_start) for _ in optimizer.slot_names)
    for number, gradient in enumerate(gradients(), 1):
        factors = rule.factors(hyperparameters, number, 0.1 / number)
        w, slots = update_rules.step(np, rule, hyperparameters, w, gradient, slots, weights, factors)
    return w


def test_every_optimizer_has_a_rule() -> None:
    assert list(UPDATE_RULES) == list(CHOICES)


@pytest.mark.parametrize("optimizer", UPDATE_RULES)
def test_a_rule_moves_as_our_own_optimizer_does(optimizer: str) -> None:
    hyperparameters = Hyperparameters(
        optimizer=optimizer, rho=0.8, beta_1=0.7, momentum=0.6, weight_decay=0.2
    )
    w, gradient = start(), np.empty(COUNT)
    own = OPTIMIZERS[optimizer](w, gradient, hyperparameters, [slice(0, COUNT // 2)])

    for number, values in enumerate(gradients(), 1):
        gradient[:] = values
        own.step(number, 0.1 / number)

    np.testing.assert_allclose(by_rule(hyperparameters), w, rtol=1e-10)


def test_l1_and_l2_pull_weights_only_and_clipping_comes_last() -> None:
    hyperparameters = Hyperparameters(optimizer="sgd", l1=0.3, l2=0.2, clip_norm=2.0)
    w = start()

    for number, gradient in enumerate(gradients(), 1):
        pull = 0.2 * w + 0.3 * np.sign(w)
        pull[COUNT // 2 :] = 0
        total = gradient + pull
        clip(total, 2.0)
        w -= 0.1 / number * total

    np.testing.assert_allclose(by_rule(hyperparameters), w, rtol=1e-10)


def test_a_short_gradient_is_not_clipped() -> None:
    hyperparameters = Hyperparameters(optimizer="momentum")

    np.testing.assert_array_equal(
        by_rule(hyperparameters), by_rule(replace(hyperparameters, clip_norm=1000.0))
    )
