"""Work in two parts, which run at the same time on two cores.

NumPy releases the interpreter lock while it computes, so threads suffice. Work is cut into the same parts on any
number of cores, so that sums are equal everywhere, to the last bit. A linear algebra library with its own threads
would compete for the cores: parts run at the same time only if OPENBLAS_NUM_THREADS is 1, as in the workers.
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
    """Call `work` on each part, at the same time if cores allow; returns when all are done.

    Raises an exception of one of the parts; no part is running any more then.
    """
    if len(parts) == 1 or cores() == 1 or os.environ.get("OPENBLAS_NUM_THREADS") != "1":
        for part in parts:
            work(part)
        return
    mine, *others = parts
    given = [_pool().submit(work, part) for part in others]
    try:
        work(mine)
    finally:
        wait(given)  # also if `work` failed: the other parts still use the caller's arrays
    for future in given:
        future.result()  # raises the part's exception


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(PARTS - 1, "part")


# 1. A process makes the pool and its thread. 2. It forks: the child has a copy of the pool, but no thread. 3. The
# child gives the pool work, and would wait forever. So a child starts without a pool and makes its own.
if sys.platform != "win32":
    os.register_at_fork(after_in_child=_pool.cache_clear)
