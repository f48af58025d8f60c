"""Choosing among datasets, and bringing one's own, in a real browser."""

import io
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.test_access import THEMES, check, contexts


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A zip file of 120 drawn bars, dark on light paper: lying ones and standing ones."""
    path = tmp_path_factory.mktemp("upload") / "bars.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(120):
            paper = np.full((60, 60), 240, np.uint8)
            paper[15 + number % 3 : 45, 26:34] = 20
            file = io.BytesIO()
            Image.fromarray(paper if number % 2 else paper.T.copy()).save(file, "PNG")
            archive.writestr(f"{number % 2}/{number}.png", file.getvalue())
    return path


@pytest.fixture(scope="module")
def rubbish(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("rubbish") / "rubbish.zip"
    path.write_bytes(b"no zip at all")
    return path


def test_datasets_are_chosen_by_a_click_and_by_keys(open_page):
    page = open_page("/digits/")
    page.get_by_role("navigation", name="Dataset").get_by_text("UCI digits").click()
    expect(page.locator(".about")).to_contain_text("1,500 images to train on, 297 to test with")
    expect(page).to_have_url(re.compile("dataset=uci-digits"))
    page.locator(".tile").first.click()
    expect(page.locator("#digit")).to_contain_text("Test image 0")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#digit")).to_contain_text("Test image 1")
    fashion = page.get_by_role("link", name="Fashion-MNIST")
    fashion.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#fetch")).to_contain_text("isn't on this machine yet")
    page.go_back()
    expect(page.locator(".tile").first).to_be_visible()


def test_what_cannot_be_fetched_says_why(open_page):
    page = open_page("/digits/?dataset=kmnist", guest=True)
    page.get_by_role("button", name="Fetch").click()
    expect(page.locator("#fetch")).to_contain_text("downloads are switched off")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()


def test_a_dataset_is_uploaded_refused_first_looked_through_and_deleted(open_page, pictures, rubbish):
    page = open_page("/datasets/", guest=True)
    page.fill("[name=title]", "Bars")
    page.fill("[name=classes]", "lying, standing")
    page.set_input_files("[name=archive]", rubbish)
    page.get_by_role("button", name="Upload").click()
    expect(page.locator("#error-archive")).to_contain_text("rubbish.zip: expected a zip file")
    expect(page.locator("[name=title]")).to_have_value("Bars")
    page.set_input_files("[name=archive]", pictures)
    expect(page.locator("#error-archive")).to_have_text("")
    page.get_by_role("button", name="Upload").click()
    expect(page.locator("article h2")).to_have_text("Bars")
    expect(page.locator("article")).to_contain_text("108 images to train on, 12 to test with")
    expect(page.locator(".samples li")).to_have_text(["lying", "standing"])
    page.get_by_role("link", name="Look through").click()
    page.get_by_role("navigation", name="Label").get_by_text("standing").click()
    expect(page.locator(".tile")).to_have_count(6)
    page.locator(".tile").first.click()
    expect(page.locator("#digit")).to_contain_text("labelled standing")
    expect(page.locator("[data-verdict]")).to_contain_text("reads digits only")
    page.get_by_label("Network", exact=True).select_option("starter-cnn")
    expect(page.locator("[data-verdict]")).to_contain_text("reads digits only")
    expect(page.locator(".tile .mark")).to_have_count(0)
    page.goto("/datasets/")
    page.get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.locator(".own")).to_contain_text("None yet")


def test_what_is_too_large_is_never_sent(open_page, tmp_path):
    page = open_page("/datasets/", guest=True)
    large = tmp_path / "large.zip"
    with large.open("wb") as file:
        file.truncate(26_000_000)
    sent = []
    page.on("request", lambda request: sent.append(request.method))
    page.set_input_files("[name=archive]", large)
    expect(page.locator("#error-archive")).to_have_text("Expected at most 25 MB, found 26.0 MB.")
    page.get_by_role("button", name="Upload").click()
    page.locator("label", has_text="IDX files").click()
    assert "POST" not in sent


def test_while_it_uploads_a_bar_shows_how_far_it_is(open_page, pictures):
    page = open_page("/datasets/", guest=True)
    page.set_input_files("[name=archive]", pictures)
    page.evaluate(
        """() => {
          window.seen = [];
          const text = document.querySelector("[data-upload-progress] p");
          new MutationObserver(() => window.seen.push(text.textContent)).observe(text, { childList: true });
          addEventListener("pagehide", () => sessionStorage.setItem("seen", JSON.stringify(window.seen)));
        }"""
    )
    page.get_by_role("button", name="Upload").click()
    expect(page.locator("article h2")).to_have_text("bars")
    seen = page.evaluate("JSON.parse(sessionStorage.getItem('seen'))")
    assert seen[0] == "Uploading … 0 %"
    assert seen[-1] == "Reading the images …"


def test_without_javascript_everything_works_too(open_page, pictures):
    page = open_page("/datasets/", guest=True, java_script_enabled=False)
    expect(page.locator("[name=images]")).to_be_hidden()
    page.get_by_role("button", name="Upload").click()
    expect(page.locator("#error-archive")).to_have_text("Choose a file.")
    page.set_input_files("[name=archive]", pictures)
    page.get_by_role("button", name="Upload").click()
    expect(page.locator("article h2")).to_have_text("bars")
    page.goto("/digits/?dataset=kmnist")
    page.get_by_role("button", name=re.compile("Fetch|Try again")).click()
    expect(page.locator("#fetch")).to_contain_text("KMNIST")


@pytest.mark.parametrize("theme", THEMES)
def test_the_pages_are_usable_by_everyone(open_page, theme, pictures):
    for options in contexts(theme):
        page = open_page("/datasets/", guest=True, **options)
        check(page)
        page.get_by_role("button", name="Upload").click()
        expect(page.locator("#error-archive")).to_have_text("Choose a file.")
        check(page)
        page.locator("label", has_text="IDX files").click()
        check(page)
        page.locator("label", has_text="Pictures in folders").click()
        page.set_input_files("[name=archive]", pictures)
        page.get_by_role("button", name="Upload").click()
        expect(page.locator("article")).to_be_visible()
        check(page)
        page.get_by_role("link", name="Look through").click()
        check(page)
        page.goto("/digits/?dataset=fashion-mnist")
        check(page)
        page.goto("/datasets/")
        page.get_by_role("link", name="Delete").click()
        check(page)
