"""Decodes a picture file from an unknown sender into a grey picture of bounded size.

The first bytes of a file decide its type, not its name. Large photos are reduced while or right after decoding.
"""

from __future__ import annotations

import io
import threading

import numpy as np
from PIL import Image

from digits.datasets.dataset import Bytes
from digits.ink.grey import from_16_bits, grey

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
MOST_BYTES = 25_000_000
MOST_PIXELS = 60_000_000
MOST_WEBP_PIXELS = 25_000_000  # its decoder needs 16 bytes per pixel
LONGER_SIDE = 1600  # pixels of the larger side, at most
MOST_SCANS = (
    100  # passes of a progressive JPEG, which usually has about ten: each takes as long as a full decode
)
_SCAN = b"\xff\xda"  # the marker at the start of each pass; elsewhere only by chance
_SMALLEST = 8  # pixels per side
# (offset, bytes there, name) of other types of files.
_KINDS = (
    (0, b"%PDF", "a PDF"),
    (0, b"PK\x03\x04", "a zip file or an office document"),
    (0, b"II*\x00", "a TIFF picture"),
    (0, b"MM\x00*", "a TIFF picture"),
    (0, b"8BPS", "a Photoshop picture"),
    (0, b"\x00\x00\x01\x00", "an icon"),
    (0, b"\x1aE\xdf\xa3", "a video"),
    (4, b"ftypavif", "an AVIF picture"),
    (4, b"ftyphei", "a HEIC photo"),
    (4, b"ftypmif1", "a HEIC photo"),
    (4, b"ftyp", "a video"),
)
_MARKUP = ((b"<svg", "an SVG drawing"), (b"<html", "a web page"), (b"<?xml", "an XML file"))

# Decoding takes much memory and time, so a process decodes one picture at a time.
_decoder = threading.Lock()
_WAIT = 20  # seconds


class PictureError(ValueError):
    """Raised when a picture cannot be read; its text is one line for people."""


class Busy(PictureError):
    """Raised when the decoder is still busy with other pictures after 20 seconds."""


def opened(data: bytes) -> Bytes:
    """The picture in a file (PNG, JPEG, WebP, GIF or BMP) in grey, uint8 (height, width): upright, at most 1,600 pixels
    per side; the first frame of an animation, with transparent parts as paper.

    Raises PictureError for other files, more than 25 MB, more than 60 megapixels (WebP: 25), a side below 8 pixels and
    a JPEG with over 100 passes; Busy (a PictureError) after waiting 20 seconds for the decoder."""
    if len(data) > MOST_BYTES:
        raise PictureError(too_large(len(data)))
    if not _decoder.acquire(timeout=_WAIT):
        raise Busy("Many pictures are being read just now: try again in a moment.")
    try:
        return _decoded(data)
    except PictureError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PictureError(f"Expected at most {MOST_PIXELS / 1e6:.0f} megapixels, found far more.") from None
    except Exception as error:  # Pillow raises almost any exception for a damaged file
        raise PictureError(
            f"Expected a picture (PNG, JPEG, WebP, GIF or BMP), found {_kind(data)}."
        ) from error
    finally:
        _decoder.release()


def _decoded(data: bytes) -> Bytes:
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        width, height = image.size
        most = MOST_WEBP_PIXELS if image.format == "WEBP" else MOST_PIXELS
        if min(width, height) < _SMALLEST:
            raise PictureError(f"Expected at least {_SMALLEST} pixels a side, found {width} × {height}.")
        if width * height > most:
            found = f"{width * height / 1e6:.1f}"
            raise PictureError(f"Expected at most {most / 1e6:.0f} megapixels, found {found}.")
        if image.format in ("JPEG", "MPO") and data.count(_SCAN) > MOST_SCANS:
            raise PictureError(f"Expected a JPEG in at most {MOST_SCANS} passes, found more: save it anew.")
        return np.asarray(grey(_reduced(image)))


def too_large(size: int) -> str:
    """The message for a file of `size` bytes, more than MOST_BYTES."""
    return f"Expected at most {MOST_BYTES // 1_000_000} MB, found {size / 1e6:,.1f} MB."


def _reduced(image: Image.Image) -> Image.Image:
    """The picture decoded, with at most LONGER_SIDE pixels a side, each the mean of a block."""
    share = LONGER_SIDE / max(image.size)
    if share < 1:  # a JPEG need not be decoded in full
        image.draft("L", (int(image.width * share), int(image.height * share)))
    image.load()
    factor = -(-max(image.size) // LONGER_SIDE)
    if factor == 1:
        return image
    if image.mode.startswith("I"):
        image = from_16_bits(image)
    elif image.mode in ("1", "P", "PA"):
        image = image.convert("RGBA" if image.has_transparency_data else "L")
    return image.reduce(factor)


def _kind(data: bytes) -> str:
    """The type of a file that is no picture, in words."""
    if not data:
        return "an empty file"
    for at, start, name in _KINDS:
        if data.startswith(start, at):
            return name
    beginning = data[:1000].lower()
    for tag, name in _MARKUP:
        if tag in beginning:
            return name
    return "none that can be read"
