"""A user's own dataset and files to upload; a tiny release in MNIST's format and a web server for it; MNIST itself
where MNIST_DIR is set."""

import gzip
import hashlib
import io
import os
import struct
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from digits import datasets
from digits.datasets import Dataset, Paths, Release, Split, idx
from digits.datasets.catalogue import MNIST
from digits.models import OwnDataset
from digits.uploads.upload import Upload, from_idx
from tests.digits.datasets.mirror import Mirror
from tryml.accounts.models import User


def images(count: int = 120, labels: int = 6, seed: int = 0) -> Split:
    """Make `count` images with a square of random pixels in the middle; their labels repeat 0 to `labels` − 1."""
    random = np.random.default_rng(seed)
    pixels = np.zeros((count, 28, 28), np.uint8)
    pixels[:, 4:24, 4:24] = random.integers(0, 256, (count, 20, 20), np.uint8)
    return Split(pixels, (np.arange(count) % labels).astype(np.uint8))


def upload(array: np.ndarray, name: str) -> io.BytesIO:
    """Return a gzipped IDX file as a browser uploads it."""
    file = io.BytesIO(gzip.compress(idx.header(array) + array.tobytes()))
    file.name = name
    return file


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty TRYML_HOME: nothing is unpacked yet."""
    monkeypatch.setenv("TRYML_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def intake() -> Upload:
    return from_idx(images())


@pytest.fixture
def own(owner: User, home: Path, intake: Upload) -> OwnDataset:
    return OwnDataset.objects.keep(owner, "Mine", ["nought", "one"], intake)


@pytest.fixture
def content() -> dict[str, bytes]:
    """Four files in MNIST's format, with 30 training and 10 test images."""
    random = np.random.default_rng(7)
    files = {}
    for part, count in (("train", 30), ("t10k", 10)):
        images = random.integers(0, 256, (count, 28, 28), np.uint8)
        labels = np.arange(count, dtype=np.uint8) % 10
        files[f"{part}-images-idx3-ubyte"] = struct.pack(">4I", 0x803, count, 28, 28) + images.tobytes()
        files[f"{part}-labels-idx1-ubyte"] = struct.pack(">2I", 0x801, count) + labels.tobytes()
    return files


@pytest.fixture
def packed(content: dict[str, bytes]) -> dict[str, bytes]:
    return {f"{name}.gz": gzip.compress(data) for name, data in content.items()}


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    mirror = Mirror()
    thread = Thread(target=mirror.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield mirror
    mirror.server.shutdown()
    thread.join()
    mirror.server.server_close()


@pytest.fixture
def release(content: dict[str, bytes], mirror: Mirror) -> Release:
    """The tiny release, with two mirrors that serve nothing yet."""
    files = tuple(
        replace(file, count=30 if "train" in file.name else 10, sha256=_sha256(content[file.name]))
        for file in MNIST.files
    )
    return replace(MNIST, files=files, mirrors=(f"{mirror.url}/one/", f"{mirror.url}/two/"))


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """MNIST from MNIST_DIR if that is set, else the substitute: both must follow the same conventions."""
    own = os.environ.get("MNIST_DIR")
    home = tmp_path_factory.mktemp("real")
    return datasets.prepare(download=False, folders=Paths(home, Path(own) if own else None))


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
