import json

import numpy as np
import pytest

from tests.digits.ink_vectors import PATH

NORMALISE = """
async (vectors) => {
  const { normalise } = await import("/js/ink/normalise.js");
  return vectors.map(({ strokes, smallest }) => {
    const { pixels, image, scale, offset } = normalise(strokes, smallest);
    return { pixels: [...pixels], image: [...image], scale, offset };
  });
}
"""
REFUSAL = """
async (source) => {
  const { normalise, InkError } = await import("/js/ink/normalise.js");
  const strokes = {
    empty: [],
    blank: [[], []],
    infinite: [[[1, 2], [Infinity, 1]]],
    nan: [[[NaN, 1]]],
    vast: [[[1e10, 1]]],
    many: Array.from({ length: 1025 }, (_, i) => [[i, 0]]),
  };
  try {
    normalise(strokes[source]);
  } catch (error) {
    return error instanceof InkError ? error.message : `not an InkError: ${error}`;
  }
}
"""


def test_the_page_makes_the_pixels_that_the_server_makes(module_page):
    vectors = json.loads(PATH.read_text())

    results = module_page.evaluate(NORMALISE, vectors)

    for vector, result in zip(vectors, results, strict=True):
        pixels = np.frombuffer(bytes.fromhex(vector["pixels"]), np.uint8)
        assert result["pixels"] == pixels.tolist(), vector["name"]
        assert np.allclose(result["image"], pixels / 255, rtol=0, atol=1e-6)
        assert result["scale"] == vector["scale"]
        assert result["offset"] == vector["offset"]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("empty", "draw something first"),
        ("blank", "draw something first"),
        ("infinite", "finite"),
        ("nan", "finite"),
        ("vast", "finite"),
        ("many", "at most 1024 strokes; this one has 1025"),
    ],
)
def test_the_page_refuses_what_the_server_refuses(module_page, source, message):
    assert message in module_page.evaluate(REFUSAL, source)
