"""What visitors send: everything else is refused in one sentence."""

import json

import pytest

from digits.ink.checks import RefusedDrawing
from training.sharing.corrections import Correction

STROKES = [[[0, 0.25], [1, 0.5]], [[0.5, 0.5]]]


@pytest.mark.parametrize("answer", [3, None])
def test_a_correction_is_read(answer):
    sent = {"strokes": STROKES, "label": 7, "answer": answer, "more": "ignored"}
    assert Correction.parse(json.dumps(sent).encode()) == Correction(STROKES, 7, answer)


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        (b"", "is JSON"),
        (b"\xff\xfe", "is JSON"),
        (b"[" * 60_000, "is JSON"),
        (b"[]", "has a label"),
        ({"strokes": STROKES}, "has a label"),
        ({"strokes": STROKES, "label": 10}, "has a label"),
        ({"strokes": STROKES, "label": "7"}, "has a label"),
        ({"strokes": STROKES, "label": True}, "has a label"),
        ({"strokes": STROKES, "label": 7, "answer": -1}, "The answer"),
        ({"label": 7}, "a list of strokes"),
        ({"strokes": [], "label": 7}, "no ink"),
        ({"strokes": [[]], "label": 7}, "no ink"),
        ({"strokes": [[[0.5]]], "label": 7}, "A point"),
        ({"strokes": [[[0.5, 1.5]]], "label": 7}, "A point"),
        ({"strokes": [[[0.5, "0.5"]]], "label": 7}, "A point"),
        ({"strokes": [[[0.5, True]]], "label": 7}, "A point"),
        ({"strokes": {"0": [[0.5, 0.5]]}, "label": 7}, "a list of strokes"),
        (b'{"strokes": [[[NaN, 0.5]]], "label": 7}', "A point"),
        (b'{"strokes": [[[1e999, 0.5]]], "label": 7}', "A point"),
    ],
)
def test_anything_else_is_refused(sent, message):
    body = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
    with pytest.raises(RefusedDrawing, match=message):
        Correction.parse(body)
