"""A tiny release in MNIST's format, a web server that serves it, and the real thing where it is."""

import gzip
import hashlib
import os
import shutil
import struct
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from digits import datasets
from digits.datasets import Dataset, Folders, mnist, uci
from tests.digits.datasets.mirror import Mirror


@pytest.fixture(autouse=True)
def _quiet_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the substitute, which take a second to make."""
    folder = tmp_path_factory.mktemp("uci") / "uci-digits"
    uci.load(folder)
    return folder


@pytest.fixture
def folders(tmp_path: Path, made: Path) -> Folders:
    folders = Folders(home=tmp_path / "home")
    shutil.copytree(made, folders.uci)
    return folders


@pytest.fixture
def own(folders: Folders, tmp_path: Path) -> Folders:
    """The same, with an empty folder of the user's own."""
    (tmp_path / "own").mkdir()
    return replace(folders, mnist=tmp_path / "own")


@pytest.fixture
def content() -> dict[str, bytes]:
    """Four files as MNIST's, with 30 and 10 images."""
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
def release(content: dict[str, bytes], mirror: Mirror) -> mnist.Release:
    """The tiny release, on two mirrors that have nothing yet."""
    files = tuple(
        replace(file, count=30 if "train" in file.name else 10, sha256=_sha256(content[file.name]))
        for file in mnist.RELEASE.files
    )
    return mnist.Release(files, (f"{mirror.url}/one/", f"{mirror.url}/two/"))


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """MNIST when MNIST_DIR says where it is, otherwise the substitute: both must keep the same convention."""
    own = os.environ.get("MNIST_DIR")
    home = tmp_path_factory.mktemp("real")
    return datasets.prepare(download=False, folders=Folders(home, Path(own) if own else None))


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
