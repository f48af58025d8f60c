import io
import zlib
from typing import Any

import numpy as np
import pytest
from PIL import Image

from digits.datasets import Dataset, DatasetError
from digits.datasets.dataset import Bytes
from digits.uploads import picture as pictures


def saved(image: Any, kind: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(file, kind, **options)
    return file.getvalue()


def stroke(paper: int, ink: int, height: int = 120, width: int = 90) -> Bytes:
    """A vertical stroke, well inside."""
    grey = np.full((height, width), paper, np.uint8)
    grey[20:-20, width // 2 - 5 : width // 2 + 5] = ink
    return grey


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "GIF"])
@pytest.mark.parametrize(
    ("paper", "ink", "light"), [(255, 0, True), (0, 255, False), (200, 90, True), (60, 130, False)]
)
def test_ink_is_light_on_black_whatever_it_was(kind: str, paper: int, ink: int, light: bool) -> None:
    picture = pictures.read(saved(stroke(paper, ink), kind), "a")
    assert picture.paper_is_light is light
    image = picture.image(light)
    assert image[0, 0] == 0
    assert image[14, 14] > 240
    assert np.nonzero(image.any(axis=1))[0].tolist() == list(range(4, 24))


def test_a_picture_of_the_right_size_is_taken_pixel_by_pixel(real: Dataset) -> None:
    image = real.test.images[0]
    np.testing.assert_array_equal(pictures.read(saved(image), "a").image(False), image)
    np.testing.assert_array_equal(pictures.read(saved(255 - image), "a").image(True), image)


def test_a_border_that_ink_covers_tells_nothing() -> None:
    grey = np.full((40, 40), 255, np.uint8)
    grey[:, :20] = 0
    assert pictures.read(saved(grey), "a").paper_is_light is None


@pytest.mark.parametrize("ink", [0, 255])
@pytest.mark.parametrize("mode", ["LA", "RGBA", "P"])
def test_what_is_transparent_is_paper(ink: int, mode: str) -> None:
    opacity = Image.fromarray(stroke(0, 255))
    image = Image.merge("LA", (Image.new("L", opacity.size, ink), opacity))
    if mode == "P":
        image = image.convert("RGBA").quantize()
    picture = pictures.read(saved(image.convert(mode) if mode != "P" else image), "a")
    assert picture.paper_is_light is (ink == 0)


def test_sixteen_bits_and_colours_are_understood() -> None:
    deep = Image.fromarray(stroke(255, 0).astype(np.uint16) * 257)
    assert pictures.read(saved(deep), "a").image(True)[14, 14] == 255
    colours = np.stack([stroke(250, 20), stroke(240, 30), stroke(200, 160)], axis=2)
    assert pictures.read(saved(colours, "JPEG"), "a").paper_is_light is True


@pytest.mark.parametrize("bits", [8, 10, 12, 16])
def test_of_sixteen_bits_only_some_may_be_in_use(bits: int) -> None:
    deep = Image.fromarray(stroke(255, 0).astype(np.uint16) * (2**bits - 1) // 255)
    picture = pictures.read(saved(deep), "a")
    assert picture.paper_is_light is True
    assert picture.image(True)[14, 14] == 255


def test_of_a_moving_picture_the_first_frame_counts() -> None:
    first, second = Image.fromarray(stroke(255, 0)), Image.new("L", (90, 120), 128)
    data = saved(first, "GIF", save_all=True, append_images=[second])
    assert pictures.read(data, "a").image(True)[14, 14] == 255


def test_a_photograph_that_lies_on_its_side_is_turned() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90° clockwise
    image = pictures.read(saved(stroke(255, 0), "JPEG", exif=exif), "a").image(True)
    rows, columns = np.nonzero(image > 200)
    assert np.ptp(columns) > np.ptp(rows)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        saved(stroke(255, 0))[:-200],
        b"\x89PNG\r\n\x1a\n" + b"\0" * 50,
        saved(stroke(255, 0), "TIFF"),
    ],
)
def test_what_is_no_picture_is_named(data: bytes) -> None:
    with pytest.raises(DatasetError, match=r"^3/x\.png: expected a picture .* found none that can be read$"):
        pictures.read(data, "3/x.png")


@pytest.mark.parametrize("size", [(2001, 2000), (10_000, 9_000), (20_000, 20_000)])
def test_a_picture_that_is_too_large_is_never_decoded(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a PNG that only declares its size
    data = bytearray(saved(Image.new("1", (1, 1))))
    data[16:24] = size[0].to_bytes(4, "big") + size[1].to_bytes(4, "big")
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    with pytest.raises(DatasetError, match=r"^a: expected at most 4 megapixels, found"):
        pictures.read(bytes(data), "a")


def test_a_picture_without_ink_is_refused() -> None:
    with pytest.raises(DatasetError, match=r"^a: expected ink on paper, found a single shade$"):
        pictures.read(saved(np.full((50, 50), 240, np.uint8)), "a")
