"""The division of a training split, and what is done to the training images' classes and labels."""

import numpy as np
import pytest

from digits.datasets import Split
from training.ml.config.hyperparameters import Hyperparameters
from training.ml.data.selection import CLASS_SHARES, Selection, first_of_each, mislabelled, split
from training.ml.engines import evaluate
from training.ml.nn import Network


def images(count: int, seed: int = 0) -> Split:
    """Images whose first two pixels say which they are; classes are unevenly common."""
    labels = np.random.default_rng(seed).choice(10, count, p=np.linspace(1.5, 0.5, 10) / 10).astype(np.uint8)
    pixels = np.zeros((count, 28, 28), np.uint8)
    pixels[:, 0, 0], pixels[:, 0, 1] = np.arange(count) % 251, np.arange(count) // 251
    return Split(pixels, labels)


def numbers(pixels: np.ndarray) -> np.ndarray:
    """Which images these are, (n, 28, 28) or (n, 784)."""
    flat = pixels.reshape(-1, 784).astype(int)
    return flat[:, 0] + 251 * flat[:, 1]


def counts(labels: np.ndarray) -> list[int]:
    return np.bincount(labels, minlength=10).tolist()


def test_the_last_images_are_for_validation_and_nothing_is_copied() -> None:
    whole = images(1000)

    train, validation = split(whole, Hyperparameters(validation_split=0.2))

    assert (len(train), len(validation)) == (800, 200)
    assert np.shares_memory(train.images, whole.images)
    assert np.shares_memory(train.labels, whole.labels)
    assert np.shares_memory(train[:10].images, whole.images)
    assert np.array_equal(validation.labels, whole.labels[800:])


def test_a_subset_is_the_first_images() -> None:
    train, validation = split(images(1000), Hyperparameters(training_images=300, validation_split=0.1))

    assert numbers(train[:].images).tolist() == list(range(270))
    assert numbers(validation.images).tolist() == list(range(270, 300))


def test_a_dataset_smaller_than_the_subset_is_taken_whole() -> None:
    train, validation = split(images(50), Hyperparameters(training_images=60_000, validation_split=0.02))
    assert (len(train), len(validation)) == (49, 1)


def test_one_image_is_too_few() -> None:
    with pytest.raises(ValueError, match="at least 2 images, not 1"):
        split(images(1), Hyperparameters())


def test_balanced_classes_have_as_many_images_as_the_rarest() -> None:
    whole = images(1000)

    train, validation = split(whole, Hyperparameters(class_balance="balanced", validation_split=0.1))

    assert set(counts(train.labels)) == {min(counts(whole.labels[:900]))}
    assert numbers(validation.images).tolist() == list(range(900, 1000))


def test_a_balanced_subset_has_as_many_of_each_class_as_it_may() -> None:
    whole = images(1000)
    asked = {"training_images": 200, "validation_split": 0.1}

    train, validation = split(whole, Hyperparameters(class_balance="balanced", **asked))

    assert counts(train.labels) == [18] * 10
    natural = split(whole, Hyperparameters(**asked))[1]
    assert numbers(validation.images).tolist() == numbers(natural.images).tolist()


def test_a_long_tail_falls_evenly_to_a_hundredth() -> None:
    even = Split(np.zeros((5000, 28, 28), np.uint8), (np.arange(5000) % 10).astype(np.uint8))

    train, _ = split(even, Hyperparameters(class_balance="long_tail", validation_split=0.2))

    found = counts(train.labels)
    assert (found[0], found[9]) == (400, 4)
    assert np.allclose(found, 400 * 0.01 ** (np.arange(10) / 9), atol=1)


@pytest.mark.parametrize("balance", CLASS_SHARES)
@pytest.mark.parametrize("count", [None, 150])
def test_chosen_images_keep_their_labels_and_order_and_none_is_for_validation(balance, count) -> None:
    whole = images(1000)
    asked = Hyperparameters(class_balance=balance, training_images=count, validation_split=0.1)

    train, validation = split(whole, asked)

    chosen = numbers(train[:].images)
    assert np.shares_memory(train.images, whole.images)
    assert np.array_equal(train.labels, whole.labels[chosen])
    assert (np.diff(chosen) > 0).all()
    assert not set(chosen) & set(numbers(validation.images))
    assert len(train) <= 0.9 * (count or 1000)


def test_at_least_one_image_of_each_class_is_taken() -> None:
    labels = images(300).labels

    chosen = first_of_each(labels, 20, CLASS_SHARES["long_tail"])

    assert min(counts(labels[chosen])) == 1


def test_classes_that_do_not_occur_are_left_out() -> None:
    labels = np.array([3, 3, 3, 5, 5, 5, 5], np.uint8)

    assert first_of_each(labels, 7, CLASS_SHARES["balanced"]).tolist() == [0, 1, 2, 3, 4, 5]
    assert first_of_each(labels, 4, CLASS_SHARES["balanced"]).tolist() == [0, 1, 3, 4]


def test_as_many_labels_are_wrong_as_asked_and_each_other_class_is_as_likely() -> None:
    labels = np.repeat(np.arange(10, dtype=np.uint8), 1000)

    noisy = mislabelled(labels, 0.3, seed=0)

    wrong = noisy != labels
    assert wrong.sum() == 3000
    assert noisy.dtype == np.uint8
    assert noisy.max() == 9
    steps = np.bincount((noisy[wrong].astype(int) - labels[wrong]) % 10, minlength=10)
    assert steps[0] == 0
    assert np.abs(steps[1:] - 3000 / 9).max() < 70


def test_all_labels_can_be_wrong() -> None:
    labels = images(500).labels
    assert (mislabelled(labels, 1.0, seed=0) != labels).all()


def test_label_noise_follows_from_the_seed_and_leaves_validation_alone() -> None:
    whole = images(1000)
    first, again, other = (
        split(whole, Hyperparameters(label_noise=0.2, class_balance="balanced", seed=seed))
        for seed in (1, 1, 2)
    )

    assert np.array_equal(first[0].labels, again[0].labels)
    assert not np.array_equal(first[0].labels, other[0].labels)
    assert np.array_equal(first[0].indices, other[0].indices)
    assert np.array_equal(first[1].labels, whole.labels[900:])
    assert np.array_equal(whole.labels, images(1000).labels)


@pytest.mark.parametrize("balance", ["natural", *CLASS_SHARES])
def test_rows_are_gathered_into_a_buffer(balance) -> None:
    train, _ = split(images(1000), Hyperparameters(class_balance=balance))
    rows = np.random.default_rng(0).permutation(len(train))[:7]
    buffer = np.empty((7, 784), np.uint8)

    train.gather(rows, buffer)

    assert np.array_equal(buffer.reshape(-1, 28, 28), train[:].images[rows])


def test_a_part_of_a_selection_can_be_evaluated() -> None:
    train, _ = split(images(1000), Hyperparameters(class_balance="balanced"))

    verdict = evaluate(Network.for_hyperparameters(Hyperparameters()), train[:50])

    assert verdict.confusion.sum() == 50


def test_a_whole_split_is_a_selection_too_and_a_selection_stays_itself() -> None:
    whole = images(30)

    selection = Selection.of(whole)

    assert len(selection) == 30
    assert selection.images is whole.images
    assert Selection.of(selection) is selection
