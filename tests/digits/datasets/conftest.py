"""The dataset folders of a machine, and the tiny release as an archive."""

import hashlib
import io
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from digits.datasets import Paths, Release, optdigits
from digits.datasets.catalogue import Archive


@pytest.fixture(autouse=True)
def _quiet_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the files of the substitute, which take a second to make."""
    folder = tmp_path_factory.mktemp("uci") / "uci-digits"
    optdigits.load(folder)
    return folder


@pytest.fixture
def folders(tmp_path: Path, made: Path) -> Paths:
    folders = Paths(home=tmp_path / "home")
    shutil.copytree(made, folders.uci)
    return folders


@pytest.fixture
def own(folders: Paths, tmp_path: Path) -> Paths:
    """The same folders, with an empty folder of the user's own for MNIST."""
    (tmp_path / "own").mkdir()
    return replace(folders, mnist=tmp_path / "own")


@pytest.fixture
def zipped(release: Release, packed: dict[str, bytes]) -> tuple[Release, bytes]:
    """The tiny release in EMNIST's form, in an archive and marked as transposed, and the archive's bytes."""
    members = tuple(f"gzip/emnist-digits-{name}.gz" for name in ("a", "b", "c", "d"))
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        for member, content in zip(members, packed.values(), strict=True):
            file.writestr(member, content)
    data = archive.getvalue()
    files = tuple(replace(file, sha256="") for file in release.files)
    known = Archive(name="gzip.zip", size=len(data), sha256=hashlib.sha256(data).hexdigest(), members=members)
    title = {"name": "emnist-digits", "title": "EMNIST digits"}
    return replace(release, **title, files=files, archive=known, transposed=True), data
