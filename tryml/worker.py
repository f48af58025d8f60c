"""The training process: `python -m tryml.worker` trains one run at a time until SIGTERM."""

import logging
import os
import signal
import threading
from itertools import count
from time import sleep
from types import FrameType

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tryml.settings")
django.setup()

import dramatiq  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import Error as DatabaseError  # noqa: E402
from django.db import close_old_connections  # noqa: E402

from training.estimates import speed  # noqa: E402
from training.worker import actors  # noqa: E402

logger = logging.getLogger(__name__)

HOUR = 3600


def _watch() -> None:
    """Look after the runs every second and delete old records every hour; log a failure and go on."""
    for second in count():
        sleep(
            1
        )  # also while this process shuts down: until its run is stored, the run is not another worker's
        try:
            actors.watch()
            if second % HOUR == 0:
                call_command("prune", verbosity=0)
        except Exception as error:
            logger.warning("Can't look after the runs just now: %s", error)
        finally:
            close_old_connections()


def main() -> None:
    def stop(number: int, frame: FrameType | None) -> None:
        actors.stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    try:
        speed.calibrate()
    except DatabaseError as error:
        logger.warning("The machine's speed is not known yet: %s", error)
    worker = dramatiq.Worker(dramatiq.get_broker(), worker_threads=1, worker_timeout=250)
    # Take one message at a time and prefetch none, so that the next run goes to an idle worker.
    worker.queue_prefetch = 1
    worker.start()
    threading.Thread(target=_watch, name="watch", daemon=True).start()
    logger.info("Worker %s is ready.", actors.WORKER)
    actors.stopping.wait()
    worker.stop(timeout=8_000)


if __name__ == "__main__":
    main()
