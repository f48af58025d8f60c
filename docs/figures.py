"""Prints figures of the code's layout: `python docs/figures.py [FOLDER]`, of this checkout or of another one."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections import defaultdict
from pathlib import Path

RUN = 6  # this many lines in a row must occur twice to count as repeated
KINDS = {".py", ".js", ".css", ".html"}
# Lines that the search for repeats skips: brackets alone, ends of blocks, imports, comments.
THIN = re.compile(r"[\W_]*|(from|import)\b.*|</?\w+>|\{% \w+ %\}|\* .*|//.*|#.*")


def files(root: Path) -> list[Path]:
    """Return the code files in git, without tests, documents and migrations."""
    listed = subprocess.run(["git", "ls-files"], cwd=root, capture_output=True, text=True, check=True).stdout
    paths = (root / line for line in listed.splitlines() if Path(line).suffix in KINDS)
    return [
        path
        for path in paths
        if path.relative_to(root).parts[0] not in ("tests", "docs") and "migrations" not in path.parts
    ]


def repeated(paths: list[Path]) -> int:
    """Count the lines that belong to a run of at least RUN lines found in another place too."""
    places: defaultdict[tuple[str, ...], list[tuple[Path, list[int]]]] = defaultdict(list)
    for path in paths:
        lines = [(n, line.strip()) for n, line in enumerate(path.read_text().splitlines())]
        told = [(n, line) for n, line in lines if not THIN.fullmatch(line)]
        for start in range(len(told) - RUN + 1):
            window = told[start : start + RUN]
            places[tuple(line for _, line in window)].append((path, [n for n, _ in window]))
    again = {
        (path, n) for runs in places.values() if len(runs) > 1 for path, numbers in runs for n in numbers
    }
    return len(again)


def figures(root: Path) -> dict[str, object]:
    """Return the name and value of each figure."""
    paths = files(root)
    modules = [path for path in paths if path.suffix == ".py"]
    lengths = {path: len(path.read_text().splitlines()) for path in paths}
    longest = max(modules, key=lengths.__getitem__)
    other = max((path for path in paths if path.suffix in (".js", ".css")), key=lengths.__getitem__)
    contracts = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    loose = [path for path in modules if path.parent == root / "training" and path.stem != "__init__"]
    return {
        "modules loose in training/": len(loose),
        "largest module": f"{longest.relative_to(root)}, {lengths[longest]} lines",
        "largest script or style sheet": f"{other.relative_to(root)}, {lengths[other]} lines",
        "layers": sum(len(contract.get("layers", ())) for contract in contracts),
        "modules": len(modules),
        "lines repeated, in runs of six or more": repeated(paths),
    }


if __name__ == "__main__":
    for name, value in figures(Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()).items():
        print(f"{name}: {value}")
