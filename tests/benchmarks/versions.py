"""The NumPy engine of this version beside an earlier one's, in turns: `python -m tests.benchmarks versions`.

The earlier one is the tag that VERSION names, 0.4.0 if it names none, checked out for the time of the measurement.
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
    """Seconds an epoch of each case, this version's and the earlier one's."""
    with checkout(VERSION) as earlier:
        return [_beside(case, earlier) for case in CASES]


@contextmanager
def checkout(tag: str) -> Iterator[Path]:
    """A folder with the code of that tag."""
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
