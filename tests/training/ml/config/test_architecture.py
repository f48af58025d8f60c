"""Layers in a line."""

from training.ml.config.architecture import in_short
from training.ml.config.presets import CNN
from training.ml.config.templates import TEMPLATES, dense


def test_layers_are_named_with_what_tells_them_apart():
    assert in_short(dense(128, 64)) == "dense 128 – dense 64"
    assert in_short(()) == "none"
    assert in_short(CNN).startswith("conv2d 24 – max_pooling 2 – batch_normalization – relu – conv2d 48")
    assert all("activation" not in in_short(layers) for layers in TEMPLATES.values())
