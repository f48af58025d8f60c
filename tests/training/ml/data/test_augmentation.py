from dataclasses import fields

import numpy as np
import pytest
from scipy.ndimage import affine_transform

from digits.ink.strokes import normalise
from tests.digits.ink_vectors import cases
from training.ml.config.hyperparameters import Hyperparameters
from training.ml.data.augmentation import Augmentation, noisy, thickened

DIGITS = ["zero", "two", "four in two strokes", "seven", "eight in fractions of the canvas"]
MUCH = Augmentation(shift=2, rotate=15, scale=0.15, shear=15, stroke=0.5, elastic=1, noise=0.1)
KINDS = [field.name for field in fields(Augmentation)]


def images(copies=1):
    return np.stack([normalise(*cases()[name]).pixels for name in DIGITS] * copies)  # (5 · copies, 28, 28)


def applied(seed=0, copies=100, **amounts):
    """Digits, and the same augmented: (n, 28, 28) each."""
    before = images(copies)
    return before, Augmentation(**amounts).apply(before, np.random.default_rng(seed)).reshape(before.shape)


def centres(many):
    """The centres of mass (2, n): rows, then columns."""
    masses = many.sum(axis=(1, 2))
    return np.stack([(many * axis).sum(axis=(1, 2)) / masses for axis in np.indices((28, 28))])


def leanings(many):
    """How far the ink of each image (n,) moves to the right from a row to the next, in pixels."""
    rows, columns = np.indices((28, 28))[:, None] - centres(many)[:, :, None, None]  # (n, 28, 28) each
    return (many * rows * columns).sum(axis=(1, 2)) / (many * rows**2).sum(axis=(1, 2))


def sizes(many):
    """The standard deviations (2, n) of the ink's places: rows, then columns."""
    away = np.indices((28, 28))[:, None] - centres(many)[:, :, None, None]  # (2, n, 28, 28)
    return np.sqrt((many * away**2).sum(axis=(2, 3)) / many.sum(axis=(1, 2)))


def test_nothing_to_change_gives_the_images_themselves():
    before = images()

    after = Augmentation().apply(before, np.random.default_rng(0))

    assert Augmentation().is_off
    assert after.shape == (5, 784)
    assert np.shares_memory(after, before)


@pytest.mark.parametrize("kind", KINDS)
def test_hardly_anything_gives_the_same_images_to_the_bit(kind):
    before, after = applied(copies=20, **{kind: 1e-9})

    assert np.array_equal(after, before)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_changes_each_image_in_its_own_way(kind):
    before, after = applied(copies=3, **{kind: getattr(MUCH, kind)})

    assert not Augmentation(**{kind: 0.1}).is_off
    assert len({image.tobytes() for image in after}) == len(after)
    assert (np.abs(after.astype(int) - before).max(axis=(1, 2)) > 10).mean() > 0.8


def test_the_generator_alone_decides():
    before = images(40)
    first, again, other = (MUCH.apply(before, np.random.default_rng(seed)) for seed in (1, 1, 2))

    assert np.array_equal(first, again)
    assert (first != other).any(axis=1).all()


def test_flat_images_and_square_ones_are_treated_alike():
    square = images(2)

    flat = MUCH.apply(square.reshape(-1, 784), np.random.default_rng(0))

    assert np.array_equal(flat, MUCH.apply(square, np.random.default_rng(0)))


def test_the_images_given_stay_as_they_are():
    before = images()
    before.flags.writeable = False

    MUCH.apply(before, np.random.default_rng(0))

    assert np.array_equal(before, images())


def test_no_images_are_no_trouble():
    assert MUCH.apply(images()[:0], np.random.default_rng(0)).shape == (0, 784)


def test_paper_stays_paper_but_for_noise():
    paper = np.zeros((70, 784), np.uint8)
    smooth = Augmentation(shift=2, rotate=15, scale=0.2, shear=15, stroke=1, elastic=1)

    assert not smooth.apply(paper, np.random.default_rng(0)).any()
    assert Augmentation(noise=0.1).apply(paper, np.random.default_rng(0)).any()


def test_it_is_the_affine_map_that_it_says():
    before, after = applied(copies=20, shift=2, rotate=15, scale=0.15, shear=15)

    drawn = np.random.default_rng(0).uniform(-1, 1, (64, 6))  # of the first block
    for image, fresh, (right, down, turn, lean, wide, high) in zip(before, after, drawn, strict=False):
        angle, slope = np.radians(15 * turn), np.tan(np.radians(15 * lean))
        turned = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        forth = turned @ [[1, slope], [0, 1]] @ np.diag([1 + 0.15 * wide, 1 + 0.15 * high])  # of (x, y)
        back = np.linalg.inv(forth)[::-1, ::-1]  # of (row, column)
        offset = 16 - back @ np.array([16 + 2 * down, 16 + 2 * right])
        expected = affine_transform(np.pad(image.astype(float), 2), back, offset, order=1)[2:-2, 2:-2]

        assert np.abs(fresh - expected).max() <= 2


def test_shifts_go_as_far_as_they_may_and_to_all_sides_alike():
    before, after = applied(shift=2)

    moved = centres(after) - centres(before)
    assert np.abs(moved.mean(axis=1)).max() < 0.15
    assert 1.9 < np.abs(moved).max() < 2.05
    assert np.allclose(moved.std(axis=1), 2 / np.sqrt(3), atol=0.1)


@pytest.mark.parametrize("kind", ["rotate", "shear"])
def test_turns_and_slants_go_to_both_sides_alike(kind):
    before, after = applied(**{kind: 15})

    change = leanings(after) - leanings(before)
    assert abs(change.mean()) < 0.03
    assert change.std() > 0.08
    assert np.abs(centres(after) - centres(before)).mean() < 0.2


def test_width_and_height_grow_and_shrink_each_for_itself():
    before, after = applied(scale=0.2)

    ratio = sizes(after) / sizes(before)  # (2, n)
    assert np.allclose(ratio.mean(axis=1), 1, atol=0.02)
    assert np.allclose(ratio.max(axis=1), 1.2, atol=0.02)
    assert np.allclose(ratio.min(axis=1), 0.8, atol=0.02)
    assert abs(np.corrcoef(ratio)[0, 1]) < 0.15


@pytest.mark.parametrize("kind", ["shift", "rotate", "shear", "elastic"])
def test_the_ink_stays_as_much(kind):
    before, after = applied(**{kind: getattr(MUCH, kind)})

    ratio = after.sum(axis=(1, 2)) / before.sum(axis=(1, 2))
    assert abs(ratio.mean() - 1) < 0.03
    assert ratio.std() < 0.12


def test_a_bend_moves_ink_as_far_on_average_as_it_says_everywhere():
    dots = np.zeros((900, 28, 28), np.uint8)
    places = [(4, 4), (14, 14), (20, 8)]
    for number, place in enumerate(places):
        dots[number::3][:, place[0] - 1 : place[0] + 2, place[1] - 1 : place[1] + 2] = 255

    bent = Augmentation(elastic=0.6).apply(dots, np.random.default_rng(0)).reshape(dots.shape)

    for number, place in enumerate(places):
        moved = centres(bent[number::3]) - np.array(place)[:, None]
        assert np.abs(moved.mean(axis=1)).max() < 0.12
        assert np.allclose(moved.std(axis=1), 0.6, atol=0.1)


@pytest.mark.parametrize("pixels", [-1.5, -1, -0.5, 0.5, 1, 1.5])
def test_an_upright_stroke_gets_as_much_thicker_as_it_should(pixels):
    image = np.zeros((1, 28, 28), np.uint8)
    image[:, 6:22, 12:15] = 255

    changed = thickened(image, np.array([pixels]))[0]

    assert changed[14].sum() / 255 == pytest.approx(3 + pixels, abs=0.02)
    assert changed[14, 13] == 255


@pytest.mark.parametrize("pixels", [-1, -0.5, 0.5, 1])
def test_a_slanting_stroke_gets_about_as_much_thicker_as_an_upright_one(pixels):
    rows, columns = np.indices((28, 28))
    away = np.abs(rows - columns) / np.sqrt(2)
    image = np.rint(255 * np.clip(2.5 - away, 0, 1)).astype(np.uint8)[None]  # 4 pixels wide

    changed = thickened(image, np.array([pixels]))[0]

    width = (changed[14].sum() - float(image[0, 14].sum())) / 255 / np.sqrt(2)
    assert width == pytest.approx(pixels, abs=0.15)


def test_a_thin_stroke_made_thinner_stays_as_dark():
    image = np.zeros((1, 28, 28), np.uint8)
    image[0, 6:22, 12:15] = [100, 240, 100]

    changed = thickened(image, np.array([-1.0]))[0]

    assert changed[14, 13] == 240
    assert 0 < changed[14, 12] < 80


def test_thinner_strokes_leave_paper_white_and_edges_of_the_image_alone():
    black = np.full((2, 28, 28), 255, np.uint8)

    assert (thickened(black, np.array([-1.0, 1.0])) == 255).all()
    assert not thickened(0 * black, np.array([-1.0, 1.0])).any()


def test_noise_has_the_spread_that_it_says_and_does_not_wrap_around():
    grey = np.full((20, 28, 28), 128, np.uint8)

    fresh = noisy(grey, 0.1, np.random.default_rng(0))

    assert fresh.std() == pytest.approx(25.5, rel=0.03)
    assert fresh.mean() == pytest.approx(128, abs=0.5)
    assert noisy(np.zeros_like(grey), 0.1, np.random.default_rng(0)).max() < 140
    assert noisy(np.full_like(grey, 255), 0.1, np.random.default_rng(0)).min() > 110


def test_samples_are_variants_of_each_image():
    shown = Augmentation(shift=1).samples(images(), np.random.default_rng(0), 4)

    assert shown.shape == (5, 4, 784)
    flat = images().reshape(5, 784)
    for digit in range(5):
        assert len({variant.tobytes() for variant in shown[digit]}) == 4
        for variant in shown[digit]:
            alike = [np.corrcoef(variant, other)[0, 1] for other in flat]
            assert int(np.argmax(alike)) == digit


def test_hyperparameters_say_how_much():
    asked = Hyperparameters(augment_shift=1.5, augment_elastic=0.8, augment_noise=0.02)

    assert Augmentation.of(asked) == Augmentation(shift=1.5, elastic=0.8, noise=0.02)
    assert Augmentation.of(Hyperparameters()).is_off
