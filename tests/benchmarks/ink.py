"""Measures how well the starter networks read drawings and MNIST, with the page's own modules in Chromium.

INK_DIR=… python -m tests.benchmarks ink

Besides the rows it prints each network's score per digit and its worst confusions. The drawings are by writers on
whom nothing is trained, of any size and anywhere on the paper.
"""

from contextlib import suppress
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import Page, sync_playwright

from digits import datasets
from digits.datasets import pendigits
from digits.datasets.non_digits import scribbles, signs, silhouettes
from digits.ink import bitmap
from tests.browser.conftest import STATIC, QuietHandler, launch
from training.ml import formats
from training.ml.config.layer_types import CLASSES
from training.ml.engines import Evaluation
from training.ml.starter import recipe
from training.ml.starter.model_card import scored

# network -> least share of drawings, and of MNIST's test images, read correctly
BARS = {"starter": (0.975, 0.985), "starter-cnn": (0.99, 0.994)}
WEIGHTS = 1_500_000  # bytes, for both networks
LETTERS = "ACEFGHJKLMNPRTUVWXYadefhkmnprtwx&#@?%"  # none that looks like a digit
A_KIND = 500  # images of each kind of non-digit
APART = 1e-4  # largest difference between the page's probabilities and NumPy's
READ = """
async ([key, things]) => {
  const { InkError, normalise } = await import("/js/ink/normalise.js");
  const { Network } = await import("/js/network/network.js");
  const { verdict } = await import("/js/prediction/verdict.js");
  const network = Network.fromBytes(await (await fetch(`/networks/${key}.safetensors`)).arrayBuffer());
  const given = await (await fetch("/things")).json();
  return given.map((thing) => {
    const image = things === "strokes" ? normalise(thing, 0.06).image : Float32Array.from(thing, (grey) => grey / 255);
    const { probabilities, familiarity } = network.predict(image);
    const { digit, sure } = verdict(probabilities, familiarity);
    const answer = probabilities.indexOf(Math.max(...probabilities));
    return { answer, isNone: digit === null, sure, probabilities: [...probabilities] };
  });
}
"""


def printed(generator: np.random.Generator) -> NDArray[np.uint8]:
    """Make the image of a printed letter, slightly rotated; the networks were not trained on printed letters."""
    paper = Image.new("L", (80, 80))
    letter = LETTERS[generator.integers(len(LETTERS))]
    ImageDraw.Draw(paper).text((20, 15), letter, 255, ImageFont.load_default(40))
    return bitmap.normalise(np.asarray(paper.rotate(generator.normal(0, 6))) / 255, visible=0.2)


STRANGERS = {
    "letters and signs": signs,
    "letters in print, which were never learnt": printed,
    "scribbles": scribbles,
    "silhouettes": silhouettes,
}


def rows() -> list[dict[str, Any]]:
    """Return the shares of digits read correctly and of non-digits rejected or doubted, and the files' size."""
    handler = partial(QuietHandler, directory=str(STATIC))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, sync_playwright() as playwright:
        Thread(target=server.serve_forever, daemon=True).start()
        browser = launch(playwright)
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{server.server_port}/icon.svg")
        found = [row for key in BARS for row in _rows(page, key)]
        browser.close()
        server.shutdown()
    size = sum((Path(STATIC) / "networks" / f"{key}.safetensors").stat().st_size for key in BARS)
    return [*found, _row("weights of the starter networks", size, "bytes", f"≤ {WEIGHTS}", size <= WEIGHTS)]


def _rows(page: Page, key: str) -> list[dict[str, Any]]:
    (ink, ink_labels), (test, labels) = _drawings(), _images()
    ink_bar, test_bar = BARS[key]
    read = _read(page, key, "images", test)
    theirs = np.array([answer["probabilities"] for answer in read])  # (10000, 10)
    ours = formats.load((STATIC / "networks" / f"{key}.safetensors").read_bytes()).predict(
        datasets.load().test.images
    )
    apart = float(np.abs(theirs - ours).max())
    case = f"{key}: probabilities in the page and with NumPy, farthest apart on {len(read):,} images"
    measured = [
        _score(key, "people's ink", _read(page, key, "strokes", ink), ink_labels, ink_bar),
        _score(key, "MNIST's test images", read, labels, test_bar),
        _row(case, apart, "–", f"≤ {APART}", apart <= APART),
    ]
    generator = np.random.default_rng(1)
    strangers = {kind: [make(generator) for _ in range(A_KIND)] for kind, make in STRANGERS.items()}
    with suppress(datasets.DatasetMissing):
        strangers["Fashion-MNIST"] = list(datasets.load("fashion-mnist").test.images[:A_KIND])
    for kind, images in strangers.items():
        strange = [image.ravel().tolist() for image in images]
        answers = _read(page, key, "images", strange)
        for case, said in (
            ("said to be no digit", [answer["isNone"] for answer in answers]),
            ("said to be none, or doubted", [not answer["sure"] for answer in answers]),
        ):
            measured.append(_row(f"{key}: {kind} {case}", 100 * sum(said) / A_KIND, "%", None, None))
    return measured


def _score(
    key: str, title: str, answers: list[dict[str, Any]], labels: list[int], bar: float
) -> dict[str, Any]:
    confusion = np.zeros((CLASSES, CLASSES), np.int64)
    for label, answer in zip(labels, answers, strict=True):
        confusion[label, answer["answer"]] += 1
    accuracy = float(confusion.trace() / confusion.sum())
    lost = sum(answer["isNone"] for answer in answers)
    print(f"\n{key}, {title}: {lost} said to be no digit\n")
    print("\n\n".join(scored(Evaluation(0.0, accuracy, confusion))), "\n")
    return _row(f"{key}: {title} read right", 100 * accuracy, "%", f"≥ {100 * bar:g}", accuracy >= bar)


def _read(page: Page, key: str, kind: str, things: list[Any]) -> list[dict[str, Any]]:
    page.route("**/things", lambda route: route.fulfill(json=things))
    answers: list[dict[str, Any]] = page.evaluate(READ, [key, kind])
    page.unroute("**/things")
    return answers


def _drawings() -> tuple[list[Any], list[int]]:
    folder = pendigits.folder()
    if not folder:
        raise SystemExit("INK_DIR must name the folder of the drawings.")
    _, measured = pendigits.read(folder)
    generator = np.random.default_rng(recipe.MEASURING_SEED)
    return [pendigits.placed(each.strokes, generator) for each in measured], [each.label for each in measured]


def _images() -> tuple[list[Any], list[int]]:
    test = datasets.load().test
    return test.images.reshape(len(test), -1).tolist(), test.labels.tolist()


def _row(case: str, ours: float, unit: str, bar: str | None, ok: bool | None) -> dict[str, Any]:
    return {"case": case, "ours": ours, "peer": None, "ratio": None, "unit": unit, "bar": bar, "ok": ok}
