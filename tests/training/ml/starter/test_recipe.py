import gzip
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from digits import datasets
from digits.datasets import pendigits
from digits.datasets.non_digits import doodles
from tests.digits.ink_vectors import cases
from training.ml import formats
from training.ml.engines import evaluate
from training.ml.starter import recipe

NETWORKS = Path(settings.BASE_DIR) / "static" / "networks"
OUR_DIGITS = {
    "zero": 0,
    "one": 1,
    "two": 2,
    "three, small and in a corner": 3,
    "four in two strokes": 4,
    "seven": 7,
    "seven with a bar": 7,
    "eight in fractions of the canvas": 8,
}


@pytest.fixture
def ink(tmp_path, monkeypatch):
    """A file of drawings by 25 people, of whom one is to be measured with."""
    ours = cases()
    rows = [
        {"label": label, "writer": f"train{writer:02}", "strokes": ours[name][0]}
        for writer in range(1, 26)
        for name, label in OUR_DIGITS.items()
    ]
    with gzip.open(tmp_path / pendigits.FILE, "wt") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    monkeypatch.setenv("INK_DIR", str(tmp_path))
    return tmp_path


def train(folder, **options):
    call_command("train_starter", quick=True, output=folder, **options)
    return (folder / "starter.safetensors").read_bytes(), (folder / "starter.md").read_text()


def test_a_quick_training_writes_a_network_and_its_card(ink, capsys):
    blob, card = train(ink / "networks", epochs=4, seed=5)

    network = formats.load(blob)
    test = datasets.load().test
    assert evaluate(network, test).accuracy > 0.6
    assert "epoch 4 of 4: loss" in capsys.readouterr().out
    assert f"{network.parameter_count:,} parameters" in card
    assert f"{len(blob):,} bytes" in card
    assert "train_starter starter --seed 5 --epochs 4 --quick" in card
    assert "letters and signs:" in card
    assert datasets.load().source in card
    assert "licensed under CC BY 4.0: 192 digits drawn with a pen by 24 people" in card
    assert "Drawings by six other people" in card


def test_the_same_seed_gives_the_same_network_and_another_seed_another(ink):
    first, again, other = (
        formats.load(train(ink / f"run{run}", epochs=1, seed=seed)[0]).parameters
        for run, seed in enumerate([1, 1, 2])
    )

    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_without_pen_strokes_it_trains_on_images_alone(tmp_path, monkeypatch):
    monkeypatch.delenv("INK_DIR", raising=False)

    _, card = train(tmp_path, epochs=1)

    assert "Pen-Based" not in card


def test_a_damaged_file_of_drawings_is_named_in_one_line(ink):
    (ink / pendigits.FILE).write_bytes(b"nothing of the kind")

    with pytest.raises(CommandError, match=pendigits.FILE):
        train(ink / "networks")


def test_an_impossible_number_of_epochs_is_refused_with_the_limit(tmp_path):
    with pytest.raises(CommandError, match="epochs: Must be at least 1"):
        train(tmp_path, epochs=0)


def test_the_learning_rate_falls_from_epoch_to_epoch(monkeypatch):
    rates = []
    fit = recipe.ENGINES["numpy"].fit

    def noted(hyperparameters, *arguments):
        rates.append(hyperparameters.learning_rate)
        return fit(hyperparameters, *arguments)

    monkeypatch.setattr(recipe.ENGINES["numpy"], "fit", noted)
    settings_of_four = replace(recipe.STARTERS["starter"], epochs=4)

    epochs = list(recipe.train(datasets.load().train[:240], [], settings_of_four))

    assert [epoch.number for epoch in epochs] == [1, 2, 3, 4]
    assert rates[0] == recipe.STARTERS["starter"].learning_rate
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] < rates[0] / 4


def test_writers_kept_aside_are_not_trained_on(ink, monkeypatch):
    seen = []
    redrawn = recipe.redrawn

    def noted(images, drawings, generator):
        seen.extend(drawing.writer for drawing in drawings)
        return redrawn(images, drawings, generator)

    monkeypatch.setattr(recipe, "redrawn", noted)
    learnt, _ = pendigits.read(ink)

    next(recipe.train(datasets.load().train[:240], learnt, recipe.STARTERS["starter"]))

    assert set(seen) == {drawing.writer for drawing in learnt} - {"train12", "train24"}


@pytest.fixture(params=list(recipe.STARTERS))
def key(request):
    return request.param


@pytest.fixture
def committed(key):
    return formats.load((NETWORKS / f"{key}.safetensors").read_bytes())


# The least shares that each reads right: of MNIST's test images, and of the ink of people it never saw.
LEAST = {"starter": (0.985, 0.975), "starter-cnn": (0.994, 0.99)}


def test_the_starter_networks_are_small():
    sizes = [(NETWORKS / f"{key}.safetensors").stat().st_size for key in recipe.STARTERS]

    assert sum(sizes) < 1_500_000


def test_a_starter_networks_card_is_about_it(key, committed):
    blob = (NETWORKS / f"{key}.safetensors").read_bytes()

    card = (NETWORKS / f"{key}.md").read_text()

    assert f"{len(blob):,} bytes" in card
    assert f"{committed.parameter_count:,} parameters" in card
    assert "CC BY-SA 3.0" in card
    assert "CC BY 4.0" in card


def test_a_starter_network_reads_the_test_images(key, committed):
    dataset = datasets.load()

    accuracy = evaluate(committed, dataset.test).accuracy

    # The substitute's digits are redrawn from 8×8 pixels, and nothing of them was trained on.
    assert accuracy >= (0.9 if dataset.is_substitute else LEAST[key][0])


def test_a_starter_network_reads_people_it_never_saw_or_else_digits_of_our_own(key, committed):
    folder = pendigits.folder()
    if folder:
        _, measured = pendigits.read(folder)
    else:
        measured = [
            pendigits.Drawing(label, "us", [np.array(stroke, np.float64) for stroke in cases()[name][0]])
            for name, label in OUR_DIGITS.items()
        ]

    page = pendigits.as_on_page(measured, recipe.MEASURING_SEED)

    assert evaluate(committed, page).accuracy >= LEAST[key][1]


def test_a_starter_network_reads_ink_on_paper_and_not_paper_on_ink(committed):
    test = datasets.load().test[:200]
    inverted = datasets.Split(255 - test.images, test.labels)

    assert evaluate(committed, inverted).accuracy < 0.5 < evaluate(committed, test).accuracy


def test_a_starter_network_is_unsure_of_what_is_no_digit(committed):
    strange = committed.predict(doodles(200, np.random.default_rng(77))).max(axis=1)
    digits = committed.predict(datasets.load().test[:200].images).max(axis=1)

    assert np.median(strange) < 0.35 < 0.9 < np.median(digits)
