"""The steps from the ink to the pixels: computed from the drawing, played once, skippable."""

import pytest
from playwright.sync_api import expect

from tests.browser.test_pad import SEVEN, Pad

SHOWN = """
() => [...document.querySelectorAll("[data-steps-picture]")].map((canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return data.reduce((sum, value) => sum + value, 0);
})
"""


@pytest.fixture
def open_steps(chromium, static_url):
    contexts = []

    def opened(**options):
        contexts.append(chromium.new_context(**options))
        pad = Pad(contexts[-1].new_page())
        pad.open(static_url)
        expect(pad.says).to_have_text("Ready to read")
        for kind, attributes in (
            ("link", "{rel: 'stylesheet', href: '/css/draw/preprocessing.css'}"),
            ("script", "{type: 'module', src: '/js/draw/preprocessing.js'}"),
        ):
            pad.page.evaluate(
                f"new Promise((done) => {{ const made = Object.assign(document.createElement('{kind}'),"
                f"{attributes}); made.onload = done; document.head.append(made) }})"
            )
        pad.toggle = pad.page.get_by_role("button", name="How it gets there")
        pad.play = pad.page.locator("[data-steps-play]")
        pad.sentences = pad.page.locator("[data-steps-says]")
        return pad

    yield opened
    for context in contexts:
        context.close()


def test_it_plays_once_is_skipped_and_follows_the_drawing(open_steps):
    pad = open_steps()
    pad.draw(SEVEN)
    pad.toggle.click()
    expect(pad.play).to_have_text("Skip")
    assert pad.page.evaluate(SHOWN)[4] == 0, "the last picture waits for those before it"
    pad.page.keyboard.press("Escape")
    expect(pad.play).to_have_text("Play again")
    still = pad.page.evaluate(SHOWN)
    assert all(still)
    expect(pad.sentences.nth(0)).to_contain_text("1 stroke as you drew")
    expect(pad.sentences.nth(1)).to_contain_text("50\u00a0% of the paper wide, 60\u00a0% high")
    expect(pad.sentences.nth(2)).to_contain_text("The longer side becomes 20 pixels")

    pad.draw([[0.4, 0.9], [0.6, 0.9]])
    expect(pad.sentences.nth(0)).to_contain_text("2 strokes")
    expect(pad.play).to_have_text("Play again")
    assert pad.page.evaluate(SHOWN) != still

    pad.toggle.click()
    pad.toggle.click()
    expect(pad.play).to_have_text("Play again")
    pad.play.click()
    expect(pad.play).to_have_text("Skip")
    pad.page.locator("[data-steps-picture]").first.click()
    expect(pad.play).to_have_text("Play again")


def test_the_last_picture_is_what_the_network_sees(open_steps):
    pad = open_steps(reduced_motion="reduce", viewport={"width": 1000, "height": 900})
    pad.toggle.click()
    pad.draw(SEVEN)
    expect(pad.play).to_have_text("Play again")
    seen = pad.last()["pixels"]
    picture = pad.page.evaluate(
        """() => {
          const canvas = [...document.querySelectorAll("[data-steps-picture]")].at(-1);
          const unit = canvas.width / 28;
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          return Array.from({ length: 784 }, (_, i) => {
            const [x, y] = [(i % 28) + 0.5, Math.floor(i / 28) + 0.5].map((at) => Math.floor(at * unit));
            return data[4 * (y * canvas.width + x)];
          });
        }"""
    )
    assert picture == seen


def test_a_tap_is_said_to_stay_small(open_steps):
    pad = open_steps(reduced_motion="reduce")
    pad.toggle.click()
    pad.canvas.click(position={"x": 50, "y": 60})
    expect(pad.sentences.nth(2)).to_contain_text("stays small")
    pad.page.keyboard.press("c")
    expect(pad.sentences.nth(2)).to_contain_text("The longer side becomes 20 pixels")
