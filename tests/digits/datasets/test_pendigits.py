import gzip
import json

import numpy as np
import pytest

from digits.datasets import pendigits
from tests.digits.ink_vectors import cases


def row(writer, label=7):
    return {"label": label, "writer": writer, "strokes": [[[0.2, 0.2], [0.6, 0.2], [0.3, 0.8]], [[0.3, 0.5]]]}


def write(folder, rows):
    with gzip.open(folder / pendigits.FILE, "wt") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)


def test_writers_to_train_on_and_to_measure_with_are_kept_apart(tmp_path):
    write(tmp_path, [row("train01"), row("train25"), row("train24"), row("train30", label=1)])

    learnt, measured = pendigits.read(tmp_path)

    assert [drawing.writer for drawing in learnt] == ["train01", "train24"]
    assert [(drawing.writer, drawing.label) for drawing in measured] == [("train25", 7), ("train30", 1)]
    assert [stroke.shape for stroke in learnt[0].strokes] == [(3, 2), (1, 2)]


# Named, since gzip writes the time: each process that shares the tests must find the same ones.
@pytest.mark.parametrize(
    "content",
    [b"plain text", gzip.compress(b"{}\n"), gzip.compress(b"[")],
    ids=["no gzip", "no drawing", "no JSON"],
)
def test_a_file_of_another_kind_is_refused_in_one_line(tmp_path, content):
    (tmp_path / pendigits.FILE).write_bytes(content)

    with pytest.raises(
        pendigits.DamagedDrawings, match=r"pendigits_train\.jsonl\.gz: expected drawings"
    ) as refusal:
        pendigits.read(tmp_path)

    assert "\n" not in str(refusal.value)


def test_a_truncated_file_is_refused_in_one_line(tmp_path):
    write(tmp_path, [row("train01")] * 50)
    path = tmp_path / pendigits.FILE
    path.write_bytes(path.read_bytes()[:-12])

    with pytest.raises(pendigits.DamagedDrawings, match="expected drawings"):
        pendigits.read(tmp_path)


def test_the_folder_counts_only_with_the_file_in_it(tmp_path, monkeypatch):
    monkeypatch.setenv("INK_DIR", str(tmp_path))
    assert pendigits.folder() is None

    write(tmp_path, [row("train01")])
    assert pendigits.folder() == tmp_path

    monkeypatch.delenv("INK_DIR")
    assert pendigits.folder() is None


def test_drawings_of_any_size_and_anywhere_on_the_page_fill_the_box():
    strokes = [np.array(stroke) for stroke in cases()["eight in fractions of the canvas"][0]]
    drawing = pendigits.Drawing(8, "train25", strokes)

    page = pendigits.as_on_page([drawing] * 20, seed=3)

    assert page.images.shape == (20, 28, 28)
    assert page.labels.tolist() == [8] * 20
    for image in page.images:
        assert max(np.ptp(np.flatnonzero(image.any(axis=axis))) + 1 for axis in (0, 1)) == 20
    again = pendigits.as_on_page([drawing] * 20, seed=3)
    assert np.array_equal(again.images, page.images)
