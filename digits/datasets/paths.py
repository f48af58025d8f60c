"""Where datasets lie on this machine."""

import os
from dataclasses import dataclass
from pathlib import Path

_PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Paths:
    """The folders to read from and to write to, and whether the network may be used."""

    home: Path  # everything we write lies below it
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
        """The unpacked files of a dataset; an administrator may put its files as published here by hand."""
        return self.home / "datasets" / name

    def given(self, name: str) -> Path | None:
        """The user's own copy of a dataset, which only MNIST has."""
        return self.mnist if name == "mnist" else None

    def checksums(self, name: str) -> Path:
        """Which files of a dataset have been verified."""
        return self.cache(name) / "verified.json"

    def problem(self, name: str) -> Path:
        """Why a dataset isn't there, in one sentence; absent when it is."""
        return self.home / "datasets" / f"{name}.problem.txt"

    @property
    def uci(self) -> Path:
        """The substitute's folder; the number is the version of its resampling."""
        return self.home / "datasets" / "uci-digits-1"

    @property
    def own(self) -> Path:
        """The unpacked datasets of users, a folder for each content."""
        return self.home / "datasets" / "own"
