"""`make bench`: measures, prints a table and writes results.json beside this file.

python -m tests.benchmarks [PART …]    measures only these parts; by default, all in PARTS
"""

import json
import os
import platform
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

PARTS = ["engine", "live", "pointer", "ink", "several", "handwriting", "estimates", "presets"]
RESULTS = Path(__file__).with_name("results.json")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tryml.settings")


def machine() -> str:
    """Describe the machine: processor, cores, memory, system, versions."""
    import numpy

    model = next(
        (line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.processor(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{model}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}, "
        f"Python {platform.python_version()}, NumPy {numpy.__version__}, "
        f"threads of linear algebra: {os.environ.get('OPENBLAS_NUM_THREADS', '1')}"
    )


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines() if Path(path).exists() else []


def table(rows: list[dict[str, Any]]) -> str:
    """Write the rows as a table with aligned columns."""
    heads = ("case", "ours", "peer", "ratio", "unit", "bar", "ok")
    cells = [heads, *(tuple(_cell(row[head]) for head in heads) for row in rows)]
    widths = [max(len(line[i]) for line in cells) for i in range(len(heads))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in cells
    )


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "NO"
    return "–" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)


def rounded(row: dict[str, Any]) -> dict[str, Any]:
    """Round a row's figures to four digits: the measurements are no more precise."""
    return {name: float(f"{value:.4g}") if isinstance(value, float) else value for name, value in row.items()}


def main(parts: list[str]) -> None:
    """Measure the named parts and keep the other rows of results.json; without names, measure all and keep none."""
    rows = [
        rounded(row) for part in parts or PARTS for row in import_module(f"tests.benchmarks.{part}").rows()
    ]
    print(table(rows))
    known = json.loads(RESULTS.read_text())["results"] if RESULTS.exists() and parts else []
    fresh = {row["case"] for row in rows}
    kept = [row for row in known if row["case"] not in fresh]
    RESULTS.write_text(
        json.dumps({"machine": machine(), "results": [*rows, *kept]}, indent=1, ensure_ascii=False) + "\n"
    )


main(sys.argv[1:])
