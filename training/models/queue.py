"""The queue of runs: who is next, and what becomes of runs whose worker is silent."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.contrib.postgres.aggregates import ArrayAgg
from django.db import connection, models, transaction
from django.db.models import (
    Case,
    Count,
    ExpressionWrapper,
    F,
    Max,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
    Window,
)
from django.db.models.functions import Coalesce, Greatest, Now, RowNumber
from django.shortcuts import get_object_or_404
from django.utils import timezone

from training.models.status import ACTIVE, Status

if TYPE_CHECKING:
    from training.models.run import Run

OWNER = "experiment__owner"
# A guest waits as if they had come so much later: behind members where many wait, but never for ever.
GUESTS_HANDICAP = timedelta(minutes=1)
MOST_ATTEMPTS = 3  # without a new checkpoint between them
CLAIMING = 7_206_154  # the advisory lock of those who claim: any number that nobody else takes


class RunQuerySet(models.QuerySet["Run"]):
    def of(self, user: object) -> Self:
        """The runs that `user` may see: their own."""
        return self.filter(experiment__owner=user).select_related("experiment")

    def active(self) -> Self:
        """Runs that have not ended."""
        return self.filter(status__in=ACTIVE)

    def own(self, user: object, run_id: int) -> Run:
        """The user's run with that number and the related rows of its page. Raises Http404 for any other number."""
        return get_object_or_404(self.of(user).shown(), pk=run_id)

    def shown(self) -> Self:
        """With the related rows that a run's own page shows, without their weights."""
        return self.select_related("network", "best_network", "initial").defer(
            "network__data", "best_network__data", "initial__data"
        )

    def listed(self) -> Self:
        """With the validation accuracies, for the curve in a list, and without large columns."""
        accuracies = ArrayAgg(
            "points__val_accuracy",
            filter=Q(points__val_accuracy__isnull=False),
            order_by="points__step",
            default=Value([]),
        )
        return self.defer("confusion", "note", "pinned").annotate(val_accuracies=accuracies)

    def in_line(self) -> Self:
        """The queued runs in the order in which workers take them if none ends meanwhile.

        1. Runs that their worker left before they ended, because it was shut down.
        2. Of each user the runs in the order in which they came, users in turns: whoever has fewer running goes
           first, counting those that go before; then whoever waits longer, since they came or were last served.

        A user's runs beyond their quota of running ones are left out.
        """
        return self._in_order().filter(before__lt=F("limit"))

    def _in_order(self) -> Self:
        """As `in_line`; the runs beyond a quota come last."""
        same_owner = (
            self.model._default_manager.filter(experiment__owner=OuterRef(OWNER)).order_by().values(OWNER)
        )
        running = same_owner.filter(status=Status.RUNNING).annotate(count=Count("pk")).values("count")
        served = same_owner.annotate(last=Max("heartbeat_at")).values("last")
        quotas = settings.RUN_QUOTAS
        return (
            self.filter(status=Status.QUEUED)
            .annotate(
                was_left=Case(When(started_at__gt=F("queued_at"), fruitless=0, then=0), default=1),
                before=Window(RowNumber(), partition_by=F(OWNER), order_by=["was_left", "queued_at", "pk"])
                + Coalesce(Subquery(running), 0)
                - 1,
                limit=Case(
                    When(experiment__owner__is_guest=True, then=Value(quotas["guest"]["running"])),
                    default=Value(quotas["member"]["running"]),
                ),
                since=ExpressionWrapper(
                    Greatest("queued_at", Coalesce(Subquery(served), "queued_at"))
                    + Case(
                        When(experiment__owner__is_guest=True, then=Value(GUESTS_HANDICAP)),
                        default=Value(timedelta()),
                        output_field=models.DurationField(),
                    ),
                    output_field=models.DateTimeField(),
                ),
            )
            .annotate(is_beyond=Case(When(before__gte=F("limit"), then=1), default=0))
            .order_by("is_beyond", "was_left", "before", "since", "queued_at", "pk")
        )

    def places(self, runs: Iterable[Run]) -> None:
        """Read the place of each queued run among `runs`, in one query."""
        waiting = [run for run in runs if run.status == Status.QUEUED]
        if not waiting:
            return
        order = self.model._default_manager.all()._in_order().values_list("pk", flat=True)
        places = {pk: place for place, pk in enumerate(order, 1)}
        for run in waiting:
            run.place = places.get(run.pk, 1)  # claimed since it was read

    def claim(self, worker: str, machine: str = "") -> Run | None:
        """Take the next queued run for `worker`; None if none is queued.

        Many workers may claim at once:
        1. one holds the advisory lock, so each sees which runs the others have taken, and turns are fair;
        2. a run whose row its owner's request holds just now is left out;
        3. the claim gives the run a new lease before it releases the lock, so no other worker finds it queued;
        4. a worker that writes with an older lease has lost the run (see `Run.write`).
        """
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CLAIMING])
            for pk in self.in_line().values_list("pk", flat=True)[:10]:
                queued = self.filter(pk=pk, status=Status.QUEUED)
                run = queued.select_for_update(skip_locked=True, of=("self",)).first()
                if run is not None:
                    return self._given(run, worker, machine)
        return None

    def _given(self, run: Run, worker: str, machine: str) -> Run:
        now = timezone.now()
        changes: dict[str, Any] = {
            "status": Status.RUNNING,
            "worker": worker,
            "machine": machine,
            "lease": uuid.uuid4(),
            "started_at": run.started_at or now,
            "attempts": run.attempts + 1,
            "fruitless": run.fruitless + 1,
            "doing": "",
        }
        self.filter(pk=run.pk).update(heartbeat_at=Now(), **changes)
        for name, value in changes.items():
            setattr(run, name, value)
        return run

    def beat(self, lease: uuid.UUID) -> None:
        """Record that the worker with `lease` is alive, by the database's clock: clocks of machines differ."""
        self.filter(lease=lease, status=Status.RUNNING).update(heartbeat_at=Now())

    def abandoned(self) -> Self:
        """Runs whose worker has sent no heartbeat for `RUN_LEASE` seconds."""
        return self.filter(
            status=Status.RUNNING, heartbeat_at__lt=Now() - timedelta(seconds=settings.RUN_LEASE)
        )

    def take_back(self) -> list[Run]:
        """Queue abandoned runs again, or fail those that ended too many workers; return the runs changed here.

        Several workers may notice the same silent worker:
        1. each reads the same abandoned run with its lease;
        2. the first update that still finds the lease clears it, and returns the run;
        3. the other updates find no row and return nothing.
        """
        changed = []
        for run in self.abandoned():
            if run.fruitless >= MOST_ATTEMPTS:
                change: dict[str, Any] = {
                    "status": Status.FAILED,
                    "finished_at": timezone.now(),
                    "reason": POISON,
                }
            else:
                change = {"status": Status.QUEUED}
            held = self.filter(pk=run.pk, lease=run.lease, status=Status.RUNNING)
            if held.update(lease=None, **change):
                for name, value in change.items():
                    setattr(run, name, value)
                changed.append(run)
        return changed


POISON = (
    f"Its worker ended {MOST_ATTEMPTS} times before the run came to its next checkpoint. It may need more memory than "
    "this machine has: try smaller layers, smaller batches or fewer images."
)
