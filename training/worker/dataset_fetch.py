"""Fetches a run's dataset before it trains; a download may take minutes, and its progress shows on the run's page."""

from threading import Event
from time import monotonic

from digits import library
from digits.datasets import Dataset
from training.models import Request, Run
from training.worker import notify

INTERVAL = 1.0  # seconds between two reports, each of which also reads the owner's request


class Left(Exception):
    """Raised when the worker must release the run before it trains."""


def fetched(run: Run, stopping: Event) -> Dataset:
    """The run's dataset, downloaded first if it is not on this machine.

    During a download, raises Left if `stopping` is set or the owner pauses the run, or stops it before its first step;
    and LeaseLost if another worker has taken the run. Raises DatasetError, such as DatasetMissing, if it can't be had.
    """
    looked_at = 0.0

    def tell(text: str, percent: int) -> None:
        nonlocal looked_at
        if monotonic() - looked_at < INTERVAL:
            return
        looked_at = monotonic()
        if not run.doing:
            run.log(f"Fetching {run.dataset_title}, which isn't on this machine yet.")
        run.write(doing=f"fetching {run.dataset_title} · {text}"[:200])
        notify.changed(run)
        run.request = Run.objects.values_list("request", flat=True).get(pk=run.pk)
        # A run that has trained needs the dataset even when it is stopped: its network is tested on it.
        if (
            stopping.is_set()
            or run.request == Request.PAUSE
            or (run.request == Request.STOP and not run.step)
        ):
            raise Left

    dataset = library.fetch(run.dataset, tell)
    if run.doing:
        run.write(doing="")
    return dataset
