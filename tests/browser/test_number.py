"""Several digits at once: strokes told apart, a number read while it is drawn, a picture sent and read."""

import io

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.template.loader import render_to_string
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

from tests.browser.test_pad import answering
from tests.waiting import wait_until

PAGE = """<!doctype html>
<html lang="en" data-theme="light">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Number</title>
    <link rel="stylesheet" href="/css/tokens.css">
    <link rel="stylesheet" href="/css/elements.css">
    <link rel="stylesheet" href="/css/layout.css">
    <link rel="stylesheet" href="/css/controls.css">
    <link rel="stylesheet" href="/css/status.css">
    <link rel="stylesheet" href="/css/draw/pad.css">
    <link rel="stylesheet" href="/css/draw/number_pad.css">
    <script type="module" src="/js/draw/number_pad.js"></script>
  </head>
  <body>
    <main class="content"><h1>Draw</h1>
      <div data-pad data-network-url="/networks/starter.safetensors" hidden></div>
      {number}
    </main>
  </body>
</html>"""
POLICY = {"Content-Security-Policy": "default-src 'self'", "Content-Type": "text/html"}
# In sides of the paper, each digit in a box half as wide as high.
FOUR = [[(0.2, 0), (0.0, 0.35), (0.4, 0.35)], [(0.32, 0.15), (0.3, 0.6)]]
TWO = [[(0.0, 0.15), (0.05, 0.03), (0.2, 0), (0.33, 0.1), (0.3, 0.25), (0.0, 0.6), (0.38, 0.58)]]
SEVEN = [[(0, 0), (0.4, 0), (0.15, 0.6)], [(0.1, 0.3), (0.35, 0.3)]]
ONE = [[(0.1, 0.1), (0.2, 0), (0.2, 0.6)], [(0.05, 0.6), (0.35, 0.6)]]

SEGMENTED = """
async (strokes) => {
  const { segmented } = await import("/js/ink/segmentation.js");
  try {
    return segmented(strokes).map((segment) => segment.strokes.map((stroke) => strokes.indexOf(stroke)));
  } catch (error) {
    return error.message;
  }
}
"""
MUCH_INK = """
async (strokes) => {
  const { segmented } = await import("/js/ink/segmentation.js");
  const { normalise } = await import("/js/ink/normalise.js");
  const scribble = (points) =>
    Array.from({ length: points }, (_, i) => [Math.abs(Math.sin(i / 7)) * 2.9, Math.abs(Math.cos(i / 3))]);
  const drawing = Array.from({ length: strokes }, () => scribble(100_000 / strokes));
  const began = performance.now();
  const digits = segmented(drawing).map((segment) => normalise(segment.strokes).pixels.length);
  return { digits, milliseconds: performance.now() - began };
}
"""


def at(x, y, strokes, size=1.0):
    return [[(x + size * u, y + size * v) for u, v in stroke] for stroke in strokes]


@pytest.mark.parametrize(
    ("digits", "expected"),
    [
        ([], []),
        ([at(0.1, 0.2, FOUR), at(0.7, 0.2, TWO)], [[0, 1], [2]]),
        ([at(0.7, 0.2, TWO), at(0.1, 0.2, FOUR)], [[1, 2], [0]]),
        ([at(0.1, 0.1, SEVEN), at(0.6, 0.3, ONE), at(1.05, 0.0, SEVEN)], [[0, 1], [2, 3], [4, 5]]),
        ([at(0.1, 0.2, FOUR, 0.8), at(0.5, 0.2, FOUR), at(1.0, 0.1, FOUR, 1.2)], [[0, 1], [2, 3], [4, 5]]),
        # The bars come last, as some write them.
        ([SEVEN[:1], at(0.6, 0, ONE), SEVEN[1:]], [[0, 3], [1, 2]]),
    ],
    ids=["none", "4 2", "right to left", "7 1 7", "4 4 4", "late bar"],
)
def test_strokes_of_one_digit_stay_together_and_digits_apart(module_page, digits, expected):
    strokes = [stroke for digit in digits for stroke in digit]
    assert module_page.evaluate(SEGMENTED, strokes) == expected


def test_more_strokes_than_a_drawing_may_have_are_refused_with_the_limit(module_page):
    message = module_page.evaluate(SEGMENTED, [[[i / 100, 0.5]] for i in range(1025)])
    assert message == "A drawing has at most 1024 strokes; this one has 1025."


@pytest.mark.parametrize("strokes", [1, 10, 1000])
def test_a_hundred_thousand_points_take_bounded_time(module_page, strokes):
    result = module_page.evaluate(MUCH_INK, strokes)
    assert result["digits"] == [784]
    assert result["milliseconds"] < 5_000


class WidePaper:
    """A page with the wide paper, and a hand that draws."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.says = page.locator("[data-number-says]")
        self.answers = page.locator("[data-number-answers] li")
        number = render_to_string("digits/draw/_number.html")
        page.route("**/number", lambda route: route.fulfill(body=PAGE.format(number=number), headers=POLICY))
        page.goto(f"{url}/number")
        expect(self.says).to_have_text("Ready to read")

    def draw(self, *digits):
        box = self.page.locator("[data-number-canvas]").bounding_box()
        for stroke in (stroke for digit in digits for stroke in digit):
            for i, (x, y) in enumerate(stroke):
                self.page.mouse.move(box["x"] + x * box["height"], box["y"] + y * box["height"], steps=4)
                if i == 0:
                    self.page.mouse.down()
            self.page.mouse.up()


@pytest.fixture
def wide(chromium, static_url):
    page = chromium.new_page()
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield WidePaper(page, static_url)
    assert problems == []
    page.close()


def test_a_number_is_read_digit_by_digit_and_announced(wide):
    wide.draw(at(0.3, 0.2, FOUR))
    expect(wide.says).to_have_text("4")
    wide.draw(at(1.2, 0.2, TWO))
    expect(wide.says).to_have_text("42")
    expect(wide.answers).to_have_count(2)
    expect(wide.answers.nth(1).locator("[data-answer-detail]")).to_contain_text("%")
    expect(wide.page.locator("[role=status]")).to_have_text("42")
    assert Axe().run(wide.page).violations_count == 0


def test_undo_clear_eraser_and_their_keys_work_as_for_one_digit(wide):
    wide.draw(at(0.3, 0.2, FOUR), at(1.2, 0.2, TWO))
    expect(wide.says).to_have_text("42")
    wide.page.keyboard.press("Control+z")
    expect(wide.says).to_have_text("4")
    wide.page.keyboard.press("e")
    expect(wide.page.get_by_role("button", name="Eraser")).to_have_attribute("aria-pressed", "true")
    wide.page.keyboard.press("c")
    expect(wide.says).to_have_text("Ready to read")
    expect(wide.answers).to_have_count(0)
    wide.page.get_by_role("button", name="Undo").click()
    expect(wide.says).to_have_text("4")


def test_a_digit_of_which_it_is_not_sure_is_marked_by_more_than_colour(wide):
    wide.page.route("**/unsure", lambda route: route.fulfill(body=answering(4, 0.15)))
    wide.page.evaluate("document.querySelector('[data-pad]').dataset.networkUrl = '/unsure'")
    wide.draw(at(0.3, 0.2, FOUR))
    expect(wide.says).to_have_text("4?")
    expect(wide.answers.first.locator("[data-answer-says]")).to_contain_text("Not sure: 4 or")
    expect(wide.page.locator("[role=status]")).to_have_text("4; not sure of digit 1")


def test_a_paper_that_becomes_narrower_shows_all_its_ink(wide):
    wide.draw(at(2.3, 0.2, TWO))
    expect(wide.says).to_have_text("2")
    wide.page.set_viewport_size({"width": 500, "height": 700})
    rightmost = """() => {
        const canvas = document.querySelector("[data-number-canvas]");
        const { data, width } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        const column = (value, i) => (i % 4 === 3 && value ? (i >> 2) % width : 0);
        return data.reduce((most, value, i) => Math.max(most, column(value, i)), 0) / width;
    }"""
    wide.page.wait_for_function("document.querySelector('[data-number-canvas]').clientWidth < 500")
    wait_until(lambda: 0.9 < wide.page.evaluate(rightmost) <= 1)


def test_too_many_digits_are_answered_with_the_limit(wide):
    wide.draw([[(0.12 * i + 0.1, 0.5)] for i in range(21)])
    expect(wide.says).to_have_text("Too much ink")
    expect(wide.page.locator("[data-number-detail]")).to_contain_text("at most 20 digits")


def sevens(kind="PNG"):
    image = Image.new("L", (360, 200), 240)
    for x in (40, 190):
        ImageDraw.Draw(image).line([(x, 40), (x + 80, 40), (x + 30, 160)], 30, 11, joint="curve")
    file = io.BytesIO()
    image.save(file, kind)
    return file.getvalue()


GIVE = """
([bytes, how]) => {
  const transfer = new DataTransfer();
  transfer.items.add(new File([new Uint8Array(bytes)], "given.png", { type: "image/png" }));
  const event =
    how === "paste"
      ? new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true })
      : new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true });
  return document.querySelector("h1").dispatchEvent(event);
}
"""


def test_a_picture_is_sent_and_read_and_what_is_none_is_refused(open_page):
    page = open_page("/draw/")
    page.get_by_role("link", name="A picture").click()
    numbers = page.locator("[data-picture-number]")
    field = page.locator("[data-picture] [type=file]").first
    field.set_input_files({"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": sevens("JPEG")})
    expect(numbers).to_have_text("77")
    expect(page.locator("[data-picture-box] text")).to_have_text(["7", "7"])
    assert Axe().run(page).violations_count == 0
    field.set_input_files({"name": "photo.png", "mimeType": "image/png", "buffer": b"%PDF-1.7 of a letter"})
    expect(page.get_by_role("alert")).to_contain_text("found a PDF")
    expect(numbers).to_have_count(0)
    page.evaluate(GIVE, [list(sevens()), "paste"])
    expect(numbers).to_have_text("77")
    field.set_input_files({"name": "photo.png", "mimeType": "image/png", "buffer": b"%PDF-1.7 of a letter"})
    expect(numbers).to_have_count(0)
    assert not page.evaluate(GIVE, [list(sevens()), "drop"]), (
        "the browser must not open it instead of the page"
    )
    expect(numbers).to_have_text("77")
    page.locator("[data-picture-form]").evaluate("form => (form.dataset.mostBytes = 1000)")
    field.set_input_files({"name": "huge.png", "mimeType": "image/png", "buffer": bytes(2_000_000)})
    expect(page.get_by_role("alert")).to_contain_text("found 2.0 MB")
    page.get_by_role("link", name="One digit").click()
    expect(page.locator("[data-pad-canvas]")).to_be_visible()
