"""The folders of datasets on this machine."""

import os
from dataclasses import dataclass
from pathlib import Path

_PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Paths:
    """The folders to read from and to write to, and whether the network may be used."""

    home: Path  # all files that the application writes are below it
    mnist: Path | None = None  # the user's own copy of MNIST, only ever read
    may_download: bool = True

    @classmethod
    def from_environment(cls) -> "Paths":
        """`TRYML_HOME` (default: `.tryml` beside the code), `MNIST_DIR` and `TRYML_DOWNLOAD` (`0` forbids
        the network), as they are at the time of the call; an empty variable counts as unset."""
        mnist = os.environ.get("MNIST_DIR")
        return cls(
            home=Path(os.environ.get("TRYML_HOME") or _PROJECT / ".tryml").absolute(),
            mnist=Path(mnist).absolute() if mnist else None,
            may_download=os.environ.get("TRYML_DOWNLOAD") != "0",
        )

    def cache(self, name: str) -> Path:
        """The folder of a dataset's unpacked files; an administrator may also copy the published files here."""
        return self.home / "datasets" / name

    def given(self, name: str) -> Path | None:
        """The folder with the user's own copy of a dataset; only MNIST can have one."""
        return self.mnist if name == "mnist" else None

    def checksums(self, name: str) -> Path:
        """The file that lists the verified files of a dataset."""
        return self.cache(name) / "verified.json"

    def problem(self, name: str) -> Path:
        """The file that says in one sentence why the last attempt to get a dataset failed; absent after a success."""
        return self.home / "datasets" / f"{name}.problem.txt"

    @property
    def uci(self) -> Path:
        """The substitute's folder; the number in its name is the version of the resampling."""
        return self.home / "datasets" / "uci-digits-1"

    @property
    def own(self) -> Path:
        """The unpacked datasets of users: one folder per fingerprint."""
        return self.home / "datasets" / "own"
