"""Runs the tests several times in a row, some of them beside busy processes: `make trust`, about an hour.

Arguments after `--` tell pytest what to run instead of all tests: `python -m tests.trust --times 2 -- tests/digits`.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
BUSY = "while True: pass"


@contextmanager
def busy(processes: int) -> Iterator[None]:
    """Run this many busy processes during the `with` block."""
    children = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(processes)]
    try:
        yield
    finally:
        for child in children:
            child.kill()
            child.wait()


def run(command: list[str], log: Path) -> tuple[bool, float]:
    """Run the tests, with their output in the file `log`; return whether they passed, and their seconds."""
    start = time.monotonic()
    with log.open("w") as file:
        done = subprocess.run(command, cwd=ROOT, stdout=file, stderr=subprocess.STDOUT, check=False)
    return done.returncode == 0, time.monotonic() - start


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--times", type=int, default=5, help="how often the tests run")
    parser.add_argument(
        "--busy", type=int, default=2, help="in how many of these two processes compute beside them"
    )
    parser.add_argument("tests", nargs="*", help="what pytest is given; the whole suite without any")
    options = parser.parse_args()
    artifacts = ROOT / "tests" / "artifacts"
    artifacts.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "pytest", *options.tests] if options.tests else ["make", "test"]
    failures = 0
    for number in range(1, options.times + 1):
        crowded = number > options.times - options.busy
        log = artifacts / f"trust-{number}.log"
        with busy(2 if crowded else 0):
            passed, seconds = run(command, log)
        failures += not passed
        where = " beside two busy processes" if crowded else ""
        print(
            f"run {number}{where}: {'passed' if passed else f'failed, see {log}'}, {seconds:.0f} s",
            flush=True,
        )
    print(f"{options.times - failures} of {options.times} runs passed")
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
