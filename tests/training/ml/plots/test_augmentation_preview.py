import base64
import io

import numpy as np
from PIL import Image

from digits import datasets
from training.ml.data.augmentation import Augmentation
from training.ml.plots.augmentation_preview import GAP, VARIANTS, AugmentationPreview


def pixels(url: str):
    with Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))) as image:
        return np.asarray(image)


def test_one_digit_of_each_label_stands_above_its_variants():
    train = datasets.load().train
    samples = AugmentationPreview(train, Augmentation(rotate=15.0))
    originals, variants = pixels(samples.originals), pixels(samples.variants)
    assert originals.shape == (28, 10 * (28 + GAP) - GAP)
    assert variants.shape == (VARIANTS * (28 + GAP) - GAP, originals.shape[1])
    seven = train.images[np.argmax(train.labels[:1000] == 7)]
    x = 7 * (28 + GAP)
    assert (originals[:, x : x + 28] == seven).all()
    assert not (variants[:28, x : x + 28] == seven).all()


def test_the_same_chance_draws_the_same_and_another_differs():
    train, augmentation = datasets.load().train, Augmentation(elastic=1.0)
    first = AugmentationPreview(train, augmentation, 3)
    assert first.variants == AugmentationPreview(train, augmentation, 3).variants
    assert first.variants != AugmentationPreview(train, augmentation, first.next_chance).variants
    assert first.originals == AugmentationPreview(train, augmentation, 4).originals
