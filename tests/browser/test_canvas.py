"""The paper under every hand: fingers, pens and palms, scrolled and zoomed layouts, any density of the screen."""

import pytest
from playwright.sync_api import expect

from tests.browser.test_pad import SEVEN, Pad

LAYOUTS = {
    "zoomed": "main { zoom: 1.6 }",
    "scaled": "main { transform: scale(0.7) translate(40px, 30px) }",
    "scrolled": "main { height: 300px; overflow: auto } body { height: 3000px; padding-top: 500px }",
}


@pytest.fixture
def open_pad(chromium, static_url):
    contexts = []

    def opened(**options):
        contexts.append(chromium.new_context(**options))
        pad = Pad(contexts[-1].new_page())
        pad.open(static_url)
        expect(pad.says).to_have_text("Ready to read")
        return pad

    yield opened
    for context in contexts:
        context.close()


class Hand:
    """Fingers, a palm and a pen on the paper, as the system reports them."""

    def __init__(self, pad):
        self.box = pad.canvas.bounding_box()
        self.session = pad.page.context.new_cdp_session(pad.page)

    def at(self, x, y):
        return {"x": self.box["x"] + x * self.box["width"], "y": self.box["y"] + y * self.box["height"]}

    def touch(self, kind, *places):
        points = [{**self.at(x, y), "id": number} for number, (x, y) in enumerate(places)]
        self.session.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})

    def pen(self, kind, x, y, buttons=1):
        event = {"type": f"mouse{kind}", "pointerType": "pen", "button": "left", "buttons": buttons}
        self.session.send("Input.dispatchMouseEvent", {**event, **self.at(x, y), "clickCount": 1})


@pytest.mark.parametrize("ratio", [1, 1.5, 3])
def test_ink_lies_where_the_pointer_was_in_every_layout(open_pad, ratio):
    pad = open_pad(device_scale_factor=ratio)
    for name, style in LAYOUTS.items():
        pad.page.evaluate(
            """(css) => {
              const sheet = new CSSStyleSheet();
              sheet.replaceSync(css);
              document.adoptedStyleSheets = [sheet];
            }""",
            style,
        )
        pad.canvas.scroll_into_view_if_needed()
        pad.page.keyboard.press("c")
        pad.draw(SEVEN)
        (stroke,) = pad.last()["strokes"]
        width = pad.canvas.evaluate("(canvas) => canvas.getBoundingClientRect().width")
        for place, wanted in ((stroke[0], SEVEN[0]), (stroke[-1], SEVEN[-1])):
            assert place == pytest.approx(wanted, abs=1.01 / width), name
        assert pad.canvas.evaluate("(canvas) => canvas.width") == pytest.approx(width * ratio, abs=1), name


def test_a_finger_draws_and_never_scrolls(open_pad):
    pad = open_pad(has_touch=True, viewport={"width": 360, "height": 400})
    pad.page.evaluate("document.body.style.height = '3000px'")
    hand = Hand(pad)
    hand.touch("Start", (0.5, 0.8))
    for y in (0.6, 0.4, 0.2):
        hand.touch("Move", (0.5, y))
    hand.touch("End")
    assert pad.last()["strokes"][0][-1] == pytest.approx([0.5, 0.2], abs=0.01)
    assert pad.page.evaluate("scrollY") == 0


def test_a_second_finger_adds_nothing(open_pad):
    pad = open_pad(has_touch=True)
    hand = Hand(pad)
    hand.touch("Start", (0.2, 0.2))
    hand.touch("Start", (0.2, 0.2), (0.8, 0.8))
    hand.touch("Move", (0.3, 0.2), (0.7, 0.8))
    hand.touch("End")
    (stroke,) = pad.last()["strokes"]
    assert max(x for x, _ in stroke) == pytest.approx(0.3, abs=0.01)


def test_a_touch_that_the_system_takes_away_was_no_drawing(open_pad):
    pad = open_pad(has_touch=True)
    pad.draw(SEVEN)
    hand = Hand(pad)
    hand.touch("Start", (0.2, 0.2))
    hand.touch("Move", (0.3, 0.2))
    hand.touch("Cancel")
    assert len(pad.last()["strokes"]) == 1


def test_a_palm_draws_nothing_while_a_pen_is_in_use(open_pad):
    pad = open_pad(has_touch=True)
    hand = Hand(pad)
    hand.touch("Start", (0.9, 0.9))
    hand.pen("Pressed", 0.3, 0.3)
    hand.touch("Move", (0.8, 0.9))
    hand.pen("Moved", 0.6, 0.3)
    hand.touch("End")
    hand.pen("Released", 0.6, 0.3, 0)
    hand.touch("Start", (0.9, 0.9))
    hand.touch("End")
    (stroke,) = pad.last()["strokes"]
    assert [stroke[0], stroke[-1]] == [
        pytest.approx([0.3, 0.3], abs=0.01),
        pytest.approx([0.6, 0.3], abs=0.01),
    ]
    assert pad.last()["finished"] is True


def test_beyond_the_paper_ink_stays_at_its_edge(open_pad):
    pad = open_pad()
    pad.draw([[0.5, 0.5], [1.4, 0.5], [1.4, 0.9]])
    (stroke,) = pad.last()["strokes"]
    assert max(x for x, _ in stroke) == 1
    assert pad.last()["finished"] is True
