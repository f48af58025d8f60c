from pathlib import Path

import pytest

from digits import datasets
from digits.datasets import Paths


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MNIST_DIR", "TRYML_HOME", "TRYML_DOWNLOAD"):
        monkeypatch.delenv(name, raising=False)


def test_without_settings_everything_lies_beside_the_code() -> None:
    folders = Paths.from_environment()
    project = Path(datasets.__file__).parents[2]
    assert folders == Paths(home=project / ".tryml", mnist=None, may_download=True)
    assert folders.cache("mnist") == project / ".tryml" / "datasets" / "mnist"


def test_the_environment_is_read_at_the_time_of_the_call(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRYML_HOME", "home")
    monkeypatch.setenv("MNIST_DIR", "/data/mnist")
    monkeypatch.setenv("TRYML_DOWNLOAD", "0")
    assert Paths.from_environment() == Paths(tmp_path / "home", Path("/data/mnist"), may_download=False)


def test_empty_settings_count_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    default = Paths.from_environment()
    for name in ("MNIST_DIR", "TRYML_HOME", "TRYML_DOWNLOAD"):
        monkeypatch.setenv(name, "")
    assert Paths.from_environment() == default
