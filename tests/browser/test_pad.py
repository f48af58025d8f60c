import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from django.template.loader import render_to_string
from playwright.sync_api import expect

from digits.ink.strokes import normalise
from tests.waiting import wait_until
from training.ml import formats
from training.ml.config.architecture import OUTPUT
from training.ml.config.templates import dense
from training.ml.nn import Network

SEVEN = [[0.25, 0.2], [0.75, 0.2], [0.4, 0.8]]
PAGE = """<!doctype html>
<html lang="en" data-theme="light">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Pad</title>
    <link rel="stylesheet" href="/css/tokens.css">
    <link rel="stylesheet" href="/css/elements.css">
    <link rel="stylesheet" href="/css/layout.css">
    <link rel="stylesheet" href="/css/controls.css">
    <link rel="stylesheet" href="/css/status.css">
    <link rel="stylesheet" href="/css/draw/pad.css">
    <script type="module" src="/js/draw/pad.js"></script>
  </head>
  <body><main class="content"><h1>Draw</h1><input aria-label="Note">{pad}</main></body>
</html>"""
POLICY = {"Content-Security-Policy": "default-src 'self'", "Content-Type": "text/html"}
LAST = """
() =>
  new Promise((resolve) => {
    const told = () => {
      const { pixels, probabilities, ...rest } = window.last;
      resolve({ ...rest, pixels: [...pixels], probabilities: [...probabilities] });
    };
    requestAnimationFrame(() => requestAnimationFrame(told));
  })
"""
SIZES = {"desktop": (1200, 800), "tablet": (768, 900), "phone": (360, 740)}


LARGE = (
    {"type": "conv2d", "filters": 64, "kernel_size": 3},
    {"type": "conv2d", "filters": 64, "kernel_size": 3},
    {"type": "max_pooling", "pool_size": 12},
    {"type": "flatten"},
)
EVERY_KIND = (
    {"type": "conv2d", "filters": 40, "kernel_size": 3},
    {"type": "max_pooling", "pool_size": 2},
    {"type": "gru", "units": 600, "return_sequences": True},
    {"type": "lstm", "units": 8},
    *dense(1200),
)
# In the place of the worker: tells the digit that is the number of the question, when it is told to.
WORKER_ON_CALL = """
const call = new BroadcastChannel("call");
let questions = 0;
let open = false;
addEventListener("message", ({ data }) => {
  if (data instanceof ArrayBuffer) return;
  questions += 1;
  open = true;
  call.postMessage(questions);
});
call.addEventListener("message", () => {
  if (!open) return;
  open = false;
  const probabilities = Float32Array.from({ length: 10 }, (_, digit) => Number(digit === questions));
  postMessage({ probabilities, layers: [], states: [] });
});
"""


def answering(digit, probability=0.9, layers=None):
    """The file of a network that answers the same to everything."""
    network = Network.initialized([*(dense(12) if layers is None else layers), OUTPUT], "zeros", 0)
    network.tensors[f"{len(network.layers) - 1}.bias"][digit] = np.log(9 * probability / (1 - probability))
    return formats.dump(network)


class Pad:
    """A page with a pad, and a hand that draws."""

    def __init__(self, page):
        self.page = page
        self.canvas = page.locator("[data-pad-canvas]")
        self.says = page.locator("[data-pad-says]")
        self.percents = page.locator("[data-pad-percent]")
        self.problems = []
        page.on("pageerror", lambda error: self.problems.append(str(error)))

    def open(self, url, network="/seven"):
        pad = render_to_string("digits/draw/_pad.html", {"network_url": network, "network_name": "Sevens"})
        self.page.route("**/pad", lambda route: route.fulfill(body=PAGE.format(pad=pad), headers=POLICY))
        self.page.route("**/seven", lambda route: route.fulfill(body=answering(7)))
        self.page.route("**/eight", lambda route: route.fulfill(body=answering(8)))
        self.page.route("**/unsure", lambda route: route.fulfill(body=answering(4, 0.15)))
        self.page.route("**/large", lambda route: route.fulfill(body=answering(8, layers=LARGE)))
        self.page.route("**/every", lambda route: route.fulfill(body=answering(7, layers=EVERY_KIND)))
        self.page.add_init_script(
            "addEventListener('pad:prediction', ({ detail }) => (window.last = detail))"
        )
        self.page.goto(f"{url}/pad")

    def take(self, network):
        """Read with another network."""
        self.page.evaluate(f"document.querySelector('[data-pad]').dataset.networkUrl = '/{network}'")

    def draw(self, points):
        box = self.canvas.bounding_box()
        for i, (x, y) in enumerate(points):
            self.page.mouse.move(box["x"] + box["width"] * x, box["y"] + box["height"] * y, steps=8)
            if i == 0:
                self.page.mouse.down()
        self.page.mouse.up()

    def last(self):
        """The last prediction that the pad sent, once the frame is over."""
        return self.page.evaluate(LAST)


@pytest.fixture
def pad(chromium, static_url):
    page = chromium.new_page()
    pad = Pad(page)
    pad.open(static_url)
    expect(pad.says).to_have_text("Ready to read")
    yield pad
    assert pad.problems == []
    page.close()


def test_an_empty_pad_predicts_nothing(pad):
    assert set(pad.percents.all_text_contents()) == {"–"}
    expect(pad.page.locator("[data-pad-hint]")).to_be_visible()


def test_a_digit_is_read_while_it_is_drawn(pad):
    box = pad.canvas.bounding_box()
    pad.page.mouse.move(box["x"] + 80, box["y"] + 80)
    pad.page.mouse.down()
    pad.page.mouse.move(box["x"] + 200, box["y"] + 80, steps=5)

    expect(pad.says).to_have_text("Looks like a 7")
    expect(pad.page.locator("[data-pad-hint]")).to_be_hidden()
    assert pad.last()["finished"] is False
    pad.page.mouse.up()
    wait_until(lambda: pad.last()["finished"])


def test_the_bars_stand_in_digit_order_with_one_decimal(pad):
    pad.draw(SEVEN)

    expect(pad.percents).to_have_text(["1.1\u00a0%"] * 7 + ["90.0\u00a0%"] + ["1.1\u00a0%"] * 2)
    expect(pad.page.locator("[data-pad-bar].winner th")).to_have_text("7")


def test_the_answer_is_announced(pad):
    pad.draw(SEVEN)

    expect(pad.page.locator("[role=status]")).to_have_text("Looks like a 7, 90.0\u00a0%")


def test_the_event_tells_the_pixels_that_the_server_makes_of_the_strokes(pad):
    pad.draw(SEVEN)

    last = pad.last()

    assert last["digit"] == 7
    assert last["sure"] is True
    assert last["probabilities"] == pytest.approx([1 / 90] * 7 + [0.9] + [1 / 90] * 2, abs=1e-6)
    assert last["pixels"] == normalise(last["strokes"]).pixels.ravel().tolist()
    assert np.allclose(last["strokes"][0][0], SEVEN[0], atol=0.01)
    assert np.allclose(last["strokes"][0][-1], SEVEN[-1], atol=0.01)


def test_a_tap_is_a_dot(pad):
    pad.canvas.click(position={"x": 50, "y": 60})

    pixels = np.reshape(pad.last()["pixels"], (28, 28))

    assert 0 < np.count_nonzero(pixels) <= 16


def test_undo_takes_back_stroke_after_stroke_and_a_clearing(pad):
    pad.draw(SEVEN)
    pad.draw([[0.3, 0.5], [0.7, 0.5]])
    pad.page.get_by_role("button", name="Clear").click()
    assert pad.last()["digit"] is None

    pad.page.get_by_role("button", name="Undo").click()
    assert len(pad.last()["strokes"]) == 2
    pad.page.keyboard.press("Control+z")
    assert len(pad.last()["strokes"]) == 1
    pad.page.keyboard.press("Control+z")
    assert pad.last()["strokes"] == []
    expect(pad.page.get_by_role("button", name="Undo")).to_have_attribute("aria-disabled", "true")
    pad.page.keyboard.press("Control+z")
    assert pad.last()["strokes"] == []


def test_the_eraser_takes_a_part_of_a_stroke(pad):
    pad.draw([[0.1, 0.5], [0.9, 0.5]])

    pad.page.keyboard.press("e")
    pad.draw([[0.5, 0.3], [0.5, 0.7]])

    left, right = pad.last()["strokes"]
    assert max(x for x, _ in left) == pytest.approx(0.45, abs=0.02)
    assert min(x for x, _ in right) == pytest.approx(0.55, abs=0.02)


def test_erasing_is_undone_at_once_and_erasing_nothing_leaves_nothing_to_undo(pad):
    pad.draw([[0.1, 0.5], [0.9, 0.5]])
    pad.page.get_by_role("button", name="Eraser").click()
    pad.draw([[0.1, 0.1], [0.9, 0.1]])
    pad.draw([[0.3, 0.3], [0.3, 0.7], [0.7, 0.3]])

    pad.page.keyboard.press("Control+z")
    assert len(pad.last()["strokes"]) == 1
    pad.page.keyboard.press("Control+z")
    assert pad.last()["strokes"] == []


def test_no_key_works_while_typing(pad):
    pad.draw(SEVEN)

    pad.page.get_by_label("Note").press_sequentially("ce")
    pad.page.get_by_label("Note").press("Control+z")

    assert len(pad.last()["strokes"]) == 1
    expect(pad.page.get_by_role("button", name="Pen")).to_have_attribute("aria-pressed", "true")


def test_copying_does_not_clear(pad):
    pad.draw(SEVEN)

    pad.page.keyboard.press("Control+c")

    assert len(pad.last()["strokes"]) == 1


def test_a_second_finger_draws_nothing(pad):
    second = {"pointerId": 9, "pointerType": "touch", "isPrimary": False, "button": 0, "buttons": 1}

    pad.canvas.dispatch_event("pointerdown", second)

    assert pad.last()["strokes"] == []


def test_another_network_reads_the_drawing_at_once(pad):
    pad.draw(SEVEN)

    pad.page.evaluate(
        "document.querySelector('[data-pad]').dispatchEvent("
        "new CustomEvent('pad:network', { detail: { url: '/eight', name: 'Eights' } }))"
    )
    expect(pad.says).to_have_text("Looks like an 8")
    expect(pad.page.locator("[data-pad-network]")).to_have_text("Eights 784 → 12 → 10")

    pad.take("seven")
    expect(pad.says).to_have_text("Looks like a 7")


def test_a_large_network_reads_beside_the_page(pad):
    with pad.page.expect_event("worker"):
        pad.take("large")
    pad.draw(SEVEN)
    expect(pad.says).to_have_text("Looks like an 8")
    wait_until(lambda: pad.last()["finished"])

    (worker,) = pad.page.workers
    with worker.expect_event("close"):
        pad.take("seven")
    expect(pad.says).to_have_text("Looks like a 7")


@pytest.fixture
def on_call(pad):
    """A pad whose worker answers when `call` says so; `questions` are what it was asked so far."""
    pad.page.route(
        "**/worker.js", lambda route: route.fulfill(body=WORKER_ON_CALL, content_type="text/javascript")
    )
    pad.page.evaluate(
        """() => {
          window.call = new BroadcastChannel("call");
          window.questions = 0;
          call.addEventListener("message", ({ data }) => (window.questions = data));
        }"""
    )
    with pad.page.expect_event("worker"):
        pad.take("large")
    expect(pad.page.locator("[data-pad-network]")).to_contain_text("24×24×64")
    return pad


def test_drawing_on_while_the_worker_computes_asks_once_more(on_call):
    on_call.draw(SEVEN)
    wait_until(lambda: on_call.page.evaluate("questions") == 1, what="the first question")
    on_call.page.evaluate("call.postMessage('answer')")
    expect(on_call.says).to_have_text("Looks like a 1")
    assert on_call.last()["finished"] is False

    wait_until(lambda: on_call.page.evaluate("questions") == 2, what="the second question")
    on_call.page.evaluate("call.postMessage('answer')")
    expect(on_call.says).to_have_text("Looks like a 2")
    wait_until(lambda: on_call.last()["finished"])

    on_call.draw([[0.5, 0.3], [0.5, 0.6]])
    wait_until(lambda: on_call.page.evaluate("questions") == 3, what="the third question")


def test_no_answer_is_shown_to_a_drawing_that_is_gone(on_call):
    on_call.draw(SEVEN)
    wait_until(lambda: on_call.page.evaluate("questions") == 1, what="the first question")

    on_call.page.get_by_role("button", name="Clear").click()
    on_call.draw(SEVEN)
    on_call.page.evaluate("addEventListener('pad:prediction', ({ detail }) => (window.first ??= detail))")
    on_call.page.evaluate("call.postMessage('answer')")
    wait_until(lambda: on_call.page.evaluate("questions") == 2, what="the second question")
    on_call.page.evaluate("call.postMessage('answer')")

    expect(on_call.says).to_have_text("Looks like a 2")
    assert on_call.page.evaluate("window.first.digit") == 2


def test_a_worker_that_fails_is_named_and_can_be_tried_again(pad):
    pad.page.route("**/worker.js", lambda route: route.abort())
    pad.take("large")
    expect(pad.says).to_have_text("The network stopped")

    pad.page.unroute("**/worker.js")
    pad.page.get_by_role("button", name="Try again").click()
    pad.draw(SEVEN)

    expect(pad.says).to_have_text("Looks like an 8")


def test_close_probabilities_are_called_unsure(pad):
    pad.take("unsure")

    pad.draw(SEVEN)

    expect(pad.says).to_have_text("Not sure: 4 or 0")
    expect(pad.page.locator(".winner")).to_have_count(0)
    assert pad.last()["sure"] is False


def test_a_network_that_did_not_load_is_named_and_can_be_tried_again(pad):
    pad.draw(SEVEN)
    pad.take("late")
    expect(pad.says).to_have_text("The network did not load")
    expect(pad.page.locator("[data-pad-detail]")).to_have_text(
        "The server answered 404. Your drawing is kept."
    )

    pad.page.route("**/late", lambda route: route.fulfill(body=answering(8)))
    pad.page.get_by_role("button", name="Try again").click()

    expect(pad.says).to_have_text("Looks like an 8")
    expect(pad.page.get_by_role("button", name="Try again")).to_be_hidden()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_the_pad_fits_and_is_accessible(pad, size, theme):
    width, height = SIZES[size]
    pad.page.set_viewport_size({"width": width, "height": height})
    pad.page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
    pad.take("every")
    pad.draw(SEVEN)
    expect(pad.says).to_have_text("Looks like a 7")

    expect(pad.page.locator(".pad-layers canvas")).to_have_count(5)
    assert pad.page.evaluate("document.documentElement.scrollWidth") == width
    assert Axe().run(pad.page).response["violations"] == []
