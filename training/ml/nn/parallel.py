"""Work in two parts, side by side where there are two cores.

NumPy lets other threads of Python run while it computes. Work is cut in the same way on any number of cores, so that
sums come out the same everywhere, to the last bit. Linear algebra that takes several threads itself would be in the
way: the parts are side by side only where OPENBLAS_NUM_THREADS is 1, as for the workers.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from functools import cache
from typing import TypeVar

from tryml.processes.cores import cores

PARTS = 2
Part = TypeVar("Part")


def in_parallel(work: Callable[[Part], None], parts: Sequence[Part]) -> None:
    """Do the work of each part, all at once if there are cores for that; back when all are done."""
    if len(parts) == 1 or cores() == 1 or os.environ.get("OPENBLAS_NUM_THREADS") != "1":
        for part in parts:
            work(part)
        return
    mine, *others = parts
    given = [_pool().submit(work, part) for part in others]
    try:
        work(mine)
    finally:
        wait(given)
    for future in given:
        future.result()  # raises what went wrong there


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(PARTS - 1, "part")


if sys.platform != "win32":
    os.register_at_fork(after_in_child=_pool.cache_clear)  # threads stay behind in the parent
