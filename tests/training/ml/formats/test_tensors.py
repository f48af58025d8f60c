"""Arrays as bytes."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from training.ml.formats.tensors import DamagedTensors, pack, unpack

TENSORS: dict[str, NDArray[Any]] = {
    "a": np.arange(6, dtype=np.float32).reshape(2, 3),
    "b": np.array([1, 2], np.int64),
}


def test_arrays_and_metadata_come_back() -> None:
    tensors, metadata = unpack(pack(TENSORS, {"title": "zwölf"}))

    assert metadata == {"title": "zwölf"}
    for name, array in TENSORS.items():
        np.testing.assert_array_equal(tensors[name], array)
        assert tensors[name].dtype == array.dtype


def test_metadata_may_be_absent() -> None:
    assert unpack(pack(TENSORS, {}))[1] == {}


@pytest.mark.parametrize("blob", [b"", b"\0" * 8, b"\xff" * 100, b"GIF89a" * 20, pack(TENSORS, {})[:-1]])
def test_other_bytes_are_refused(blob: bytes) -> None:
    with pytest.raises(DamagedTensors, match="not a whole safetensors file"):
        unpack(blob)
