"""The widget on a page of another site, whose policy is as strict as can be; the server is played by routes."""

import json

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.test_pad import LARGE, SEVEN, answering
from training.ml import formats
from training.ml.config.architecture import OUTPUT
from training.ml.config.templates import dense
from training.ml.nn import Network
from training.sharing import widget_bundle

SITE = "https://page.example"
SERVER = "https://tryml.example"
POLICY = f"default-src 'none'; script-src {SERVER}; connect-src {SERVER}"
PAGE = """<!doctype html>
<html lang="en">
  <head>
    <title>Elsewhere</title>
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <script type="module" src="{server}/embed/widget.js"></script>
  </head>
  <body><main><h1>Elsewhere</h1>{content}</main></body>
</html>"""
READER = '<tryml-digit network="key" {}></tryml-digit>'


class Elsewhere:
    """A page of another site, what the server gives to it, and a hand that draws."""

    def __init__(self, page):
        self.page = page
        self.problems = []
        self.asked = []
        self.about = {"version": "v1", "corrections": False}
        self.blob = answering(7)
        self.refusal = None
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.add_init_script(
            "window.told = []; for (const type of ['tryml-prediction', 'tryml-correction'])"
            "addEventListener(type, ({ type, detail }) => told.push({ type, ...detail }))"
        )
        page.route(f"{SERVER}/**", self.serve)

    def serve(self, route):
        path = route.request.url.removeprefix(f"{SERVER}/embed/")
        self.asked.append(path)
        headers = {"Access-Control-Allow-Origin": "*"}
        if path == "widget.js":
            route.fulfill(body=widget_bundle.script(), content_type="text/javascript", headers=headers)
        elif self.refusal == "unreachable":
            route.abort()
        elif self.refusal:
            status, text = self.refusal
            kind = "text/plain; charset=utf-8" if text else "text/html"
            route.fulfill(status=status, body=text, content_type=kind, headers=headers)
        elif path == "key/network":
            route.fulfill(json=self.about, headers=headers)
        else:
            route.fulfill(body=self.blob, headers=headers)

    def open(self, attributes="", content=READER, policy=POLICY):
        page = PAGE.format(server=SERVER, content=content.format(attributes))
        headers = {"Content-Security-Policy": policy, "Content-Type": "text/html"}
        self.page.route(f"{SITE}/", lambda route: route.fulfill(body=page, headers=headers))
        self.page.goto(f"{SITE}/")

    @property
    def says(self):
        return self.page.locator("tryml-digit .says").first

    @property
    def detail(self):
        return self.page.locator("tryml-digit .detail")

    def draw(self, points=SEVEN):
        box = self.page.locator("tryml-digit canvas").bounding_box()
        for i, (x, y) in enumerate(points):
            self.page.mouse.move(box["x"] + box["width"] * x, box["y"] + box["height"] * y, steps=6)
            if i == 0:
                self.page.mouse.down()
        self.page.mouse.up()

    def last(self):
        return self.page.evaluate("new Promise((done) => requestAnimationFrame(() => done(told.at(-1))))")


@pytest.fixture
def elsewhere(chromium):
    page = chromium.new_page()
    elsewhere = Elsewhere(page)
    yield elsewhere
    assert elsewhere.problems == []
    page.context.close()


def test_a_digit_is_read_and_the_page_is_told(elsewhere):
    elsewhere.open()
    expect(elsewhere.says).to_have_text("Ready to read")
    elsewhere.draw()

    expect(elsewhere.says).to_have_text("Looks like a 7")
    expect(elsewhere.page.locator("tryml-digit .first .digit")).to_have_text("7")
    expect(elsewhere.page.get_by_role("listitem").nth(7)).to_contain_text("90.0\u00a0%")
    expect(elsewhere.page.get_by_role("status").last).to_have_text("Looks like a 7, 90.0\u00a0%")
    last = elsewhere.last()
    assert (last["type"], last["digit"], last["sure"], last["finished"]) == (
        "tryml-prediction",
        7,
        True,
        True,
    )
    assert last["probabilities"] == pytest.approx([1 / 90] * 7 + [0.9] + [1 / 90] * 2, abs=1e-6)
    assert np.allclose(last["strokes"][0][-1], SEVEN[-1], atol=0.01)
    assert elsewhere.asked.count("key/v1.safetensors") == 1

    elsewhere.page.get_by_role("button", name="Clear").press("Enter")
    expect(elsewhere.says).to_have_text("Ready to read")
    assert elsewhere.last()["digit"] is None
    elsewhere.page.get_by_role("button", name="Undo").press("Space")
    expect(elsewhere.says).to_have_text("Looks like a 7")


def test_it_is_usable_by_everyone_in_each_theme_and_size(elsewhere):
    elsewhere.about["corrections"] = True
    page, reader = elsewhere.page, elsewhere.page.locator("tryml-digit")
    page.set_viewport_size({"width": 360, "height": 900})
    elsewhere.open("corrections")
    elsewhere.draw()
    page.get_by_role("button", name="Wrong?").click()
    expect(page.get_by_role("group", name="Which digit is it?")).to_be_visible()
    for size, theme, width in [("small", "light", 240), ("large", "dark", 344), ("50vw", "light", 180)]:
        for name, value in (("size", size), ("theme", theme)):
            reader.evaluate("(e, [name, value]) => e.setAttribute(name, value)", [name, value])
        assert reader.bounding_box()["width"] == pytest.approx(width, abs=1)
        assert page.evaluate("document.documentElement.scrollWidth") == 360
        assert Axe().run(page).response["violations"] == []


def test_a_page_sets_its_colours_and_size(elsewhere):
    elsewhere.open()
    elsewhere.page.evaluate(
        """() => {
          const sheet = new CSSStyleSheet();
          sheet.replaceSync("tryml-digit { width: 400px; --tryml-surface: rgb(1, 2, 3) }");
          document.adoptedStyleSheets = [sheet];
        }"""
    )
    reader = elsewhere.page.locator("tryml-digit")
    expect(reader).to_have_css("background-color", "rgb(1, 2, 3)")
    assert reader.bounding_box()["width"] == 400


def test_a_network_that_is_not_given_leaves_a_line_that_says_why(elsewhere):
    again = elsewhere.page.get_by_role("button", name="Try again")
    elsewhere.refusal = "unreachable"
    elsewhere.open()
    expect(elsewhere.detail).to_contain_text("can’t be reached")
    for status, text, line in [
        (403, "This network's owner has not allowed it on this page.", "has not allowed it on"),
        (404, "This network is not shared, or no longer.", "not shared, or no longer"),
        (429, "Too many requests.", "Too many requests"),
        (500, None, "The server answered 500"),
    ]:
        elsewhere.refusal = status, text
        again.click()
        expect(elsewhere.detail).to_contain_text(line)
        expect(elsewhere.says).to_have_text("No network here")

    elsewhere.draw()
    elsewhere.refusal = None
    again.click()
    expect(elsewhere.says).to_have_text("Looks like a 7")
    expect(again).to_be_hidden()


def test_a_name_that_names_no_network_leaves_a_line_too(elsewhere):
    elsewhere.open(content='<p id="a">?</p><p id="b">AAAA</p><tryml-digit></tryml-digit>')
    expect(elsewhere.detail).to_contain_text("must name a shared network")
    for name, line in [
        ("#none", "No element here holds a network"),
        ("#b", "not a network, or not the whole of one"),
        ("#a", "No element here holds a network"),
        ("http://[", "must name a shared network"),
    ]:
        elsewhere.page.locator("tryml-digit").evaluate("(e, name) => e.setAttribute('network', name)", name)
        expect(elsewhere.detail).to_contain_text(line)


def test_another_network_is_read_with_as_soon_as_it_is_named(elsewhere):
    elsewhere.open()
    elsewhere.draw()
    expect(elsewhere.says).to_have_text("Looks like a 7")
    elsewhere.about["version"], elsewhere.blob = "v2", answering(8)
    elsewhere.page.evaluate(
        f"document.querySelector('tryml-digit').setAttribute('network', '{SERVER}/embed/key/')"
    )
    expect(elsewhere.says).to_have_text("Looks like an 8")


def test_without_a_connection_it_reads_with_what_was_kept_and_a_refusal_ends_that(elsewhere):
    elsewhere.open()
    expect(elsewhere.says).to_have_text("Ready to read")
    elsewhere.refusal = "unreachable"
    elsewhere.page.reload()
    elsewhere.draw()
    expect(elsewhere.says).to_have_text("Looks like a 7")

    elsewhere.refusal = None
    elsewhere.about["version"], elsewhere.blob = "v2", answering(8)
    elsewhere.page.reload()
    elsewhere.draw()
    expect(elsewhere.says).to_have_text("Looks like an 8")
    kept = "(async () => (await (await caches.open('tryml-digit')).keys()).map(({ url }) => url.split('/').at(-1)))()"
    assert set(elsewhere.page.evaluate(kept)) == {"", "v2.safetensors", "widget.js"}

    elsewhere.refusal = (404, "This network is not shared, or no longer.")
    elsewhere.page.reload()
    expect(elsewhere.detail).to_contain_text("no longer")
    elsewhere.refusal = "unreachable"
    elsewhere.page.reload()
    expect(elsewhere.detail).to_contain_text("can’t be reached")


@pytest.mark.parametrize("allowed", [True, False])
def test_a_large_network_reads_in_a_worker_where_the_policy_lets_it_and_else_in_the_page(elsewhere, allowed):
    elsewhere.blob = answering(8, layers=LARGE)
    elsewhere.open(policy=f"{POLICY}; worker-src blob:" if allowed else POLICY)
    expect(elsewhere.says).to_have_text("Ready to read")
    elsewhere.draw()
    expect(elsewhere.says).to_have_text("Looks like an 8")
    assert len(elsewhere.page.workers) == int(allowed)


def test_8_bit_weights_are_read_to_the_same_bits_as_in_python(module_page):
    layers = [
        {"type": "conv2d", "filters": 6, "kernel_size": 3},
        {"type": "max_pooling", "pool_size": 2},
        {"type": "gru", "units": 9},
        *dense(12),
        OUTPUT,
    ]
    blob = formats.quantised.dump(Network.initialized(layers, "glorot_uniform", 5))
    theirs = formats.quantised.load(blob)
    module_page.route("**/network", lambda route: route.fulfill(body=blob))
    found = module_page.evaluate("""async () => {
      const { opened } = await import("/js/network/file.js");
      const { Network } = await import("/js/network/network.js");
      const bytes = await (await fetch("/network")).arrayBuffer();
      const { tensor } = opened(bytes);
      const image = Float32Array.from({ length: 784 }, (_, i) => (i % 29) / 29);
      const { probabilities } = Network.fromBytes(bytes).predict(image);
      return { weight: [...tensor("0.weight")], back: [...tensor("2.recurrent")], probabilities: [...probabilities] };
    }""")
    assert np.array_equal(np.float32(found["weight"]), theirs.tensors["0.weight"].ravel())
    assert np.array_equal(np.float32(found["back"]), theirs.tensors["2.recurrent"].ravel())
    image = (np.arange(784, dtype=np.float32) % 29 / 29)[None]
    assert np.allclose(found["probabilities"], theirs.predict(image)[0], rtol=0, atol=1e-5)


def test_a_visitor_sends_a_correction_only_after_agreeing_to_it(elsewhere):
    elsewhere.about["corrections"] = True
    elsewhere.open("corrections")
    elsewhere.draw()
    page = elsewhere.page
    page.get_by_role("button", name="Wrong?").click()
    send = page.get_by_role("button", name="Send")
    expect(send).to_have_attribute("aria-disabled", "true")
    send.dispatch_event("click")
    page.get_by_role("button", name="1", exact=True).click()
    assert "key/corrections" not in elsewhere.asked

    elsewhere.refusal = (422, "There are enough drawings.")
    send.click()
    expect(page.locator("tryml-digit .note").last).to_have_text("There are enough drawings.")
    elsewhere.refusal = None
    with page.expect_request(f"{SERVER}/embed/key/corrections") as sent:
        send.click()
    expect(page.locator("tryml-digit .note").last).to_have_text("Sent. Thank you.")
    body = json.loads(sent.value.post_data)
    assert (body["label"], body["answer"]) == (1, 7)
    assert np.allclose(body["strokes"][0][0], SEVEN[0], atol=0.01)
    assert "cookie" not in sent.value.headers
    last = elsewhere.last()
    assert (last["type"], last["label"], last["digit"]) == ("tryml-correction", 1, 7)


@pytest.mark.parametrize(("wanted", "attribute"), [(True, ""), (False, "corrections")])
def test_no_correction_is_offered_unless_owner_and_page_want_it(elsewhere, wanted, attribute):
    elsewhere.about["corrections"] = wanted
    elsewhere.open(attribute)
    elsewhere.draw()
    expect(elsewhere.says).to_have_text("Looks like a 7")
    expect(elsewhere.page.get_by_role("button", name="Wrong?")).to_be_hidden()
