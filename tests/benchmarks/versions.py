"""Compares the NumPy engine's speed with an earlier version's, in turns: `python -m tests.benchmarks versions`.

The earlier version is the git tag in VERSION, 0.4.0 by default; it is checked out during the measurement.
"""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks.engine import CASES, ROOT, Case, Row, child, comparison

VERSION = os.environ.get("VERSION", "0.4.0")
ROUNDS = 5
BAR = 1.05


def rows() -> list[Row]:
    """Return the seconds per epoch of each case, this version's and the earlier one's."""
    with checkout(VERSION) as earlier:
        return [_beside(case, earlier) for case in CASES]


@contextmanager
def checkout(tag: str) -> Iterator[Path]:
    """Check out the tag in a temporary folder during the `with` block."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        _git("worktree", "add", "--quiet", "--detach", str(tree), tag)
        try:
            yield tree
        finally:
            _git("worktree", "remove", "--force", str(tree))


def _beside(case: Case, earlier: Path) -> Row:
    settings = {name: value for name, value in case._asdict().items() if name != "bar"}
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(ROUNDS):
        ours += child("tests.benchmarks.engine", "seconds_an_epoch", settings)
        theirs += child("tests.benchmarks.engine", "seconds_an_epoch", settings, folder=earlier)
    return comparison(f"{case}, beside version {VERSION}", min(ours), min(theirs), "s", BAR)


def _git(*arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=ROOT, check=True)
