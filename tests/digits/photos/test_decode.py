"""Picture files of all kinds, sound, damaged, hostile."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from digits.photos import decode

PIXELS = np.full((40, 60), 230, np.uint8)
PIXELS[10:30, 28:34] = 20


def saved(image, kind="PNG", **options):
    file = io.BytesIO()
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(file, kind, **options)
    return file.getvalue()


def png_header(width, height):
    """The beginning of a PNG that claims a size; the pixels are missing."""
    chunk = b"IHDR" + struct.pack(">2I5B", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", 13)
        + chunk
        + struct.pack(">I", zlib.crc32(chunk))
        + b"\0\0\1\0IDAT"
    )


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP"])
@pytest.mark.parametrize("mode", ["L", "RGB", "P", "1"])
def test_pictures_of_each_kind_are_opened_in_grey(kind, mode):
    image = Image.fromarray(PIXELS).convert(mode, dither=Image.Dither.NONE)
    grey = decode.opened(saved(image.convert("RGB") if kind in ("JPEG", "WEBP") else image, kind))
    assert grey.shape == (40, 60)
    assert grey.dtype == np.uint8
    assert int(grey[20, 30]) < 60
    assert int(grey[3, 3]) > 200


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", "an empty file"),
        (b"%PDF-1.7 and so on", "a PDF"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "an SVG drawing"),
        (b"<?xml version='1.0'?>\n<!-- --><svg onload='alert(1)'/>", "an SVG drawing"),
        (b"<!DOCTYPE html><html><body>", "a web page"),
        (b"PK\x03\x04 word/document.xml", "a zip file"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00", "a HEIC photo"),
        (b"\x00\x00\x00\x18ftypisom\x00\x00", "a video"),
        (saved(PIXELS, "TIFF"), "a TIFF picture"),
        (b"just words", "none that can be read"),
        (saved(PIXELS)[:60], "none that can be read"),
        (png_header(300, 300), "none that can be read"),
    ],
)
def test_other_files_are_refused_by_what_they_are_whatever_their_name(data, found):
    with pytest.raises(decode.PictureError, match=found) as refusal:
        decode.opened(data)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("data", "limit"),
    [
        (png_header(10_000, 6_001), "at most 60 megapixels, found 60.0"),
        (png_header(60_000, 60_000), "at most 60 megapixels, found far more"),
        (saved(np.zeros((7, 300), np.uint8)), "at least 8 pixels a side, found 300 × 7"),
        (b"\xff\xd8\xff" + bytes(decode.MOST_BYTES), "at most 25 MB, found 25.0 MB"),
    ],
)
def test_what_is_too_large_or_too_small_is_refused_with_the_limit(data, limit):
    with pytest.raises(decode.PictureError, match=limit):
        decode.opened(data)


def test_a_large_webp_picture_is_refused_before_it_is_decoded(monkeypatch):
    monkeypatch.setattr(decode, "MOST_WEBP_PIXELS", 2_000)
    with pytest.raises(decode.PictureError, match="at most 0 megapixels"):
        decode.opened(saved(PIXELS, "WEBP"))


def test_a_jpeg_of_endless_passes_is_refused():
    data = saved(PIXELS, "JPEG", progressive=True)
    assert decode.opened(data).shape == (40, 60)
    at = data.rindex(b"\xff\xda")
    with pytest.raises(decode.PictureError, match="at most 100 passes"):
        decode.opened(data[:at] + data[at:-2] * 101 + data[-2:])


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_photo_of_fifty_megapixels_is_opened_small(kind):
    large = Image.new("L", (8660, 5774), 220)
    large.paste(30, (4000, 1000, 4600, 4800))
    grey = decode.opened(saved(large, kind, **({"compress_level": 1} if kind == "PNG" else {})))
    assert max(grey.shape) <= decode.LONGER_SIDE
    assert grey.shape[1] / grey.shape[0] == pytest.approx(1.5, abs=0.01)
    assert int(grey[grey.shape[0] // 2, grey.shape[1] // 2]) < 60
    assert int(grey[3, 3]) > 200


def test_a_photo_that_lies_on_its_side_is_turned_even_when_reduced():
    exif = Image.Exif()
    exif[0x0112] = 6
    large = Image.new("L", (3400, 2000), 220)
    assert (
        decode.opened(saved(large, "JPEG", exif=exif)).shape[0] > decode.opened(saved(large, "JPEG")).shape[0]
    )
    assert decode.opened(saved(PIXELS, "PNG", exif=exif)).shape == (60, 40)


def test_sixteen_bits_colours_and_transparency_are_understood_when_reduced():
    large = np.full((1700, 2000), 60_000, np.uint16)
    large[500:1200, 900:1100] = 3_000
    grey = decode.opened(saved(large, compress_level=1))
    assert (int(grey[425, 500]), int(grey[5, 5])) == (11, 233)
    image = Image.new("RGBA", (2000, 1700))
    image.paste((0, 0, 0, 255), (900, 500, 1100, 1200))
    grey = decode.opened(saved(image.quantize(), compress_level=1))
    assert (int(grey[425, 500]), int(grey[5, 5])) == (0, 255)


def test_of_a_moving_picture_the_first_frame_counts():
    data = saved(PIXELS, "GIF", save_all=True, append_images=[Image.new("L", (60, 40), 128)])
    assert int(decode.opened(data)[20, 30]) < 60


def test_while_another_picture_is_decoded_one_waits_but_not_for_ever(monkeypatch):
    monkeypatch.setattr(decode, "_WAIT", 0.01)
    with decode._decoder, pytest.raises(decode.Busy, match="try again"):
        decode.opened(saved(PIXELS))
    assert decode.opened(saved(PIXELS)).shape == (40, 60)
