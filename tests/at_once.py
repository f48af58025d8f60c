"""Several pieces of work that begin at the same moment, each in a thread with a connection of its own."""

from collections.abc import Callable, Iterable
from threading import Barrier, Thread
from typing import Any

from django.db import connection


def at_once(works: Iterable[Callable[[], Any]]) -> list[Any]:
    """What each piece of work returned, or the exception that it raised."""
    works = list(works)
    barrier, results = Barrier(len(works)), []

    def run(work: Callable[[], Any]) -> None:
        barrier.wait()
        try:
            results.append(work())
        except Exception as error:
            results.append(error)
        finally:
            connection.close()

    threads = [Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
