"""Measures how well several digits are segmented and read, by the starter network in the page's own JavaScript.

It reads numbers made of the strokes of six people, on whom nothing was trained or adjusted, and pictures of these
strokes and of MNIST's test images. Needs INK_DIR, MNIST_DIR and Chromium; takes some minutes.

python -m tests.benchmarks several
"""

from __future__ import annotations

import tempfile
import time
from functools import partial
from http.server import ThreadingHTTPServer
from itertools import product
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageDraw
from playwright.sync_api import Page, sync_playwright

from digits import datasets
from digits.datasets import pendigits
from digits.photos import decode
from digits.photos.decode import PictureError
from digits.photos.segmentation import scan
from tests.benchmarks import sheets
from tests.benchmarks.engine import child
from tests.browser.conftest import STATIC, QuietHandler, launch

NUMBERS = 1000
PAGES = 12  # pictures of each kind, ground and size
HEIGHT = 0.6  # of digits, as a share of the paper's side
# range of gaps, as shares of the digits' height -> least % of numbers segmented correctly, and read correctly
GAPS = {(0.15, 0.4): (99.0, 94.0), (0.05, 0.15): (98.0, 93.0)}
LEAST_READ = 97.0  # % of the digits on pictures
SIZES = (30, 60, 120, 200)  # heights of digits on pictures, pixels
# ground -> whether the ink is dark, and whether the sheet lies on a table
GROUNDS = {
    "dark ink on light paper": (True, False),
    "white on black": (False, False),
    "dark ink on a sheet on a dark table": (True, True),
}

READ_NUMBERS = """
async (numbers) => {
  const [{ segmented }, { normalise }, { Network }, { verdict }] = await Promise.all(
    ["ink/segmentation", "ink/normalise", "network/network", "prediction/verdict"].map(
      (name) => import(`/js/${name}.js`),
    ),
  );
  const network = Network.fromBytes(await (await fetch("/networks/starter.safetensors")).arrayBuffer());
  const read = ({ strokes }) => {
    const { probabilities, familiarity } = network.predict(normalise(strokes, 0.06).image);
    return verdict(probabilities, familiarity).digit;
  };
  return numbers.map((strokes) =>
    segmented(strokes).map((segment) => ({
      strokes: segment.strokes.map((stroke) => strokes.indexOf(stroke)),
      digit: read(segment),
    })),
  );
}
"""
READ_IMAGES = """
async (images) => {
  const { Network } = await import("/js/network/network.js");
  const { verdict } = await import("/js/prediction/verdict.js");
  const network = Network.fromBytes(await (await fetch("/networks/starter.safetensors")).arrayBuffer());
  return images.map((pixels) => {
    const { probabilities, familiarity } = network.predict(Float32Array.from(pixels, (value) => value / 255));
    return verdict(probabilities, familiarity).digit;
  });
}
"""


def rows() -> list[dict[str, Any]]:
    """Return the shares of correct numbers and digits on pictures, and the time and memory of a large photo."""
    folder = pendigits.folder()
    assert folder, "INK_DIR must name the folder of the drawings"
    _, drawings = pendigits.read(folder)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(STATIC)))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        with sync_playwright() as playwright:
            browser = launch(playwright)
            page = browser.new_page()
            page.goto(f"http://127.0.0.1:{server.server_port}/icon.svg")
            found = [row for gaps in GAPS for row in _numbers(page, drawings, gaps)] + _pictures(
                page, drawings
            )
            browser.close()
    finally:
        server.shutdown()
        server.server_close()
    return found + _large_photo()


def _numbers(
    page: Page, drawings: list[pendigits.Drawing], gaps: tuple[float, float]
) -> list[dict[str, Any]]:
    generator = np.random.default_rng(0)
    made = [_number(drawings, gaps, generator) for _ in range(NUMBERS)]
    results = page.evaluate(READ_NUMBERS, [strokes for strokes, _, _ in made])
    whole = read = 0
    for (_, owners, labels), segments in zip(made, results, strict=True):
        parts = [sorted({owners[stroke] for stroke in segment["strokes"]}) for segment in segments]
        if parts == [[i] for i in range(len(labels))]:
            whole += 1
            read += [segment["digit"] for segment in segments] == labels
    title = f"drawn numbers of 2–5 digits, gaps of {gaps[0]:.0%}–{gaps[1]:.0%} of their height"
    least, least_read = GAPS[gaps]
    return [
        _row(f"{title}, segmented rightly", 100 * whole / NUMBERS, "%", least, ">="),
        _row(f"{title}, read rightly", 100 * read / NUMBERS, "%", least_read, ">="),
    ]


def _number(
    drawings: list[pendigits.Drawing], gaps: tuple[float, float], generator: Generator
) -> tuple[list[Any], list[int], list[int]]:
    """Make a number of one person's digits; return its strokes, each stroke's digit by place, and the labels."""
    writer = generator.choice(sorted({drawing.writer for drawing in drawings}))
    own = [drawing for drawing in drawings if drawing.writer == writer]
    chosen = [own[i] for i in generator.integers(len(own), size=generator.integers(2, 6))]
    strokes, owners, x = [], [], 0.1
    for place, drawing in enumerate(chosen):
        points = np.concatenate(drawing.strokes)  # (n, 2)
        low, size = points.min(axis=0), np.ptp(points, axis=0)
        height = HEIGHT * generator.uniform(0.8, 1.2)
        scale = height / max(float(size.max()), 1e-9)
        top = (1 - height) / 2 + generator.uniform(-0.1, 0.1) * HEIGHT
        strokes += [((stroke - low) * scale + (x, top)).tolist() for stroke in drawing.strokes]
        owners += [place] * len(drawing.strokes)
        x += size[0] * scale + HEIGHT * generator.uniform(*gaps)
    return strokes, owners, [drawing.label for drawing in chosen]


def _pictures(page: Page, drawings: list[pendigits.Drawing]) -> list[dict[str, Any]]:
    test = datasets.load().test
    found = []
    for kind, (ground, (is_dark, lies_on_table)) in product(
        ("MNIST's test images", "drawn digits"), GROUNDS.items()
    ):
        generator = np.random.default_rng(0)
        labels, images, whole = [], [], 0
        for height, _ in product(SIZES, range(PAGES)):
            digits = []
            for _ in range(10):
                if kind == "drawn digits":
                    drawing = drawings[generator.integers(len(drawings))]
                    digits.append(
                        (
                            sheets.rendered(drawing, height * generator.uniform(0.8, 1.2), generator),
                            drawing.label,
                        )
                    )
                else:
                    i = generator.integers(len(test))
                    digits.append(
                        (
                            sheets.enlarged(test.images[i], height * generator.uniform(0.8, 1.2)),
                            int(test.labels[i]),
                        )
                    )
            sheet = sheets.sheet(digits, height, is_dark, generator)
            if lies_on_table:
                sheet = sheets.on_table(sheet, generator)
            right = _rightly_found(sheet)
            whole += len(right)
            labels += sheet.labels
            images += [(sheet.labels[number - 1], image) for number, image in right.items()]
        read = page.evaluate(READ_IMAGES, [image.ravel().tolist() for _, image in images])
        count = sum(digit == label for digit, (label, _) in zip(read, images, strict=True))
        title = f"pictures of {kind}, {ground}"
        found += [
            _row(f"{title}, digits found whole", 100 * whole / len(labels), "%", LEAST_READ, ">="),
            _row(f"{title}, digits read rightly", 100 * count / len(labels), "%", LEAST_READ, ">="),
        ]
    return found


def _rightly_found(sheet: sheets.Sheet) -> dict[int, Any]:
    """Return the images of the digits found whole and alone, by their numbers in `sheet.owner`.

    A box counts if it holds 85 % of a digit's ink, and that ink is 85 % of the box's.
    """
    try:
        boxes = [found for line in scan(sheet.grey) for found in line]
    except PictureError:
        return {}
    inks = np.bincount(sheet.owner.ravel(), minlength=len(sheet.labels) + 1)
    right: dict[int, Any] = {}
    for found in boxes:
        box = found.box
        inside = np.bincount(
            sheet.owner[box.top : box.bottom, box.left : box.right].ravel(), minlength=len(inks)
        )
        inside[0] = 0
        number = int(inside.argmax())
        if inside[number] >= 0.85 * max(inks[number], inside.sum(), 1):
            right[number] = found.image
    return right


def _large_photo() -> list[dict[str, Any]]:
    large = Image.new("RGB", (8660, 5774), (210, 205, 200))
    for x in range(1000, 8000, 1500):
        ImageDraw.Draw(large).line([(x, 1500), (x + 800, 1500), (x + 300, 3500)], (40, 40, 60), 120)
    with tempfile.NamedTemporaryFile(suffix=".jpg") as file:
        large.save(file, quality=90)
        seconds, megabytes = child("tests.benchmarks.several", "large_photo", file.name, 1)
    return [
        _row("photo of 50 megapixels, JPEG: to open and to scan it", seconds, "s", 5.0, "<="),
        _row("photo of 50 megapixels, JPEG: memory for that", megabytes, "MB", 150.0, "<="),
    ]


def large_photo(path: str) -> tuple[float, float]:
    """In a child: return the seconds and megabytes that opening and scanning a photo takes."""
    data = Path(path).read_bytes()
    before = _peak()
    began = time.perf_counter()
    assert [len(line) for line in scan(decode.opened(data))] == [5]
    seconds = time.perf_counter() - began
    return seconds, _peak() - before


def _peak() -> float:
    """Return the most memory that this process has held so far, in MB, without its parent's."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1000


def _row(case: str, ours: float, unit: str, bar: float, sign: str) -> dict[str, Any]:
    ok = ours >= bar if sign == ">=" else ours <= bar
    words = f"{'≥' if sign == '>=' else '≤'} {bar:g}"
    return {"case": case, "ours": ours, "peer": None, "ratio": None, "unit": unit, "bar": words, "ok": ok}
