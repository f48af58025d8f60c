"""What a worker does before a run trains: fetch its dataset, which may take minutes that its owner watches."""

from threading import Event
from time import monotonic

from digits import library
from digits.datasets import Dataset
from training.models import Request, Run
from training.worker import notify

INTERVAL = 1.0  # seconds between two looks at the owner's wishes


class Left(Exception):
    """Raised when the run is to be let go before it has begun."""


def fetched(run: Run, stopping: Event) -> Dataset:
    """The run's dataset, downloaded first where it is not on this machine; the page shows how far that is.

    Raises Left as soon as its owner or, by `stopping`, this process wants otherwise, LeaseLost when the run is
    another worker's by now, DatasetMissing when there is no such dataset.
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
        # What was learnt already can be kept only with the dataset to test it on.
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
