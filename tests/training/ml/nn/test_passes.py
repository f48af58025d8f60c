"""The parts of a step that chance decides."""

import numpy as np
import pytest

from training.ml.nn.passes import Dropout

ROWS, UNITS = 200, 100


def test_dropout_silences_its_share_and_keeps_the_mean() -> None:
    dropout = Dropout(ROWS, (UNITS,), np.dtype(np.float32), 0.25, np.random.default_rng(0))

    y = dropout.forward(np.ones((ROWS, UNITS), np.float32)).copy()

    assert set(np.unique(y)) == {np.float32(0), np.float32(1 / 0.75)}
    assert (y == 0).mean() == pytest.approx(0.25, abs=0.01)
    assert y.mean() == pytest.approx(1, abs=0.02)


def test_what_dropout_silences_gets_no_blame() -> None:
    dropout = Dropout(ROWS, (UNITS,), np.dtype(np.float32), 0.25, np.random.default_rng(0))
    y = dropout.forward(np.ones((ROWS, UNITS), np.float32)).copy()

    delta = dropout.backward(np.ones((ROWS, UNITS), np.float32))

    np.testing.assert_array_equal(delta, y)
