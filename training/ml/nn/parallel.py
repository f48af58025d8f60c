"""Work in two strands, side by side where there are two cores.

NumPy lets other threads of Python run while it computes. Work is cut in the same way on any number of cores, so that
sums come out the same everywhere, to the last bit. Linear algebra that takes several threads itself would be in the
way: the strands are side by side only where OPENBLAS_NUM_THREADS is 1, as for the workers.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from functools import cache
from typing import TypeVar

from tryml.processes.cores import cores

STRANDS = 2
Strand = TypeVar("Strand")


def side_by_side(work: Callable[[Strand], None], strands: Sequence[Strand]) -> None:
    """Do the work of each strand, all at once if there are cores for that; back when all are done."""
    if len(strands) == 1 or cores() == 1 or os.environ.get("OPENBLAS_NUM_THREADS") != "1":
        for strand in strands:
            work(strand)
        return
    mine, *others = strands
    given = [_pool().submit(work, strand) for strand in others]
    try:
        work(mine)
    finally:
        wait(given)
    for future in given:
        future.result()  # raises what went wrong there


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(STRANDS - 1, "strand")


if sys.platform != "win32":
    os.register_at_fork(after_in_child=_pool.cache_clear)  # threads stay behind in the parent
