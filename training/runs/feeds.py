"""What open pages are told of one run, and of all runs of a user."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from django.db.models import Q
from django.template.loader import render_to_string

from training.models import Run
from training.models.status import ACTIVE
from training.runs.live import Feed
from training.runs.run_context import run_context


class RunPosition(NamedTuple):
    """What a run's page has got."""

    step: int = -1  # of its last point
    line: int = 0  # the number of the last line of the log; 0 for a page that has just come
    controls: str = ""


class RunFeed(Feed):
    """One run's pages: its state, its log, and the points that a page has not got yet."""

    def __init__(self, group: str, run_id: int, owner_id: int) -> None:
        super().__init__(group)
        self.run_id, self.owner_id = run_id, owner_id
        self._whole = False
        self._seen: tuple[Any, ...] = ()

    def hear(self, event: dict[str, Any] | None) -> None:
        if event is not None and not event["progress"]:
            self._whole = True

    def render(self, positions: Collection[RunPosition]) -> dict[RunPosition, tuple[str, RunPosition]] | None:
        runs = Run.objects.filter(experiment__owner=self.owner_id, pk=self.run_id)
        run = runs.select_related("experiment").shown().first()
        if run is None:
            return None
        whole, self._whole = self._whole, False
        seen = run.status, run.request, run.step, run.doing, run.place_in_line
        # A status that changed without an event: Redis was away.
        whole |= bool(self._seen) and self._seen[:2] != seen[:2]
        changed = whole or self._seen != seen
        self._seen = seen
        return {
            position: self._bring(run, position, whole or not position.line)
            if changed or not position.line
            else ("", position)
            for position in positions
        }

    def _bring(self, run: Run, position: RunPosition, whole: bool) -> tuple[str, RunPosition]:
        """The partials that changed since `position`, to be swapped by id; all of them if `whole`."""
        after = position.step
        is_rewound = after >= 0 and not run.points.filter(step=after).exists()
        context = run_context(run, -1 if is_rewound else after, 0 if whole else position.line) | {
            "whole": whole,
            "is_rewound": is_rewound,
            "new_actions": position.controls != run.controls,
        }
        line = max([position.line, 1, *(line.pk for line in context["lines"])])
        html = render_to_string("training/runs/_push.html", context)
        return html, RunPosition(context["last_step"], line, run.controls)


class RunsFeed(Feed):
    """The lists of one user's runs: the rows of runs that changed. A position says whether a page has got any row."""

    interval = 1.0

    def __init__(self, group: str, owner_id: int) -> None:
        super().__init__(group)
        self.owner_id = owner_id
        self._changed_runs: set[int] = set()
        self._rows: dict[int, tuple[Any, ...]] = {}  # what the last row of each active run said

    def hear(self, event: dict[str, Any] | None) -> None:
        if event is not None:
            self._changed_runs.add(event["run"])

    def render(self, positions: Collection[bool]) -> dict[bool, tuple[str, bool]]:
        changed, self._changed_runs = self._changed_runs, set()
        owned = Run.objects.filter(experiment__owner=self.owner_id)
        wanted = Q(status__in=ACTIVE) | Q(pk__in=[*changed, *self._rows])
        runs = {run.pk: run for run in owned.filter(wanted).only("status", "request", "step")}
        Run.objects.places(runs.values())
        rows = {pk: (run.status, run.request, run.step, run.place_in_line) for pk, run in runs.items()}
        news = {pk for pk in runs if self._rows.get(pk) != rows[pk]} | changed
        active = {pk for pk, run in runs.items() if run.is_active}
        self._rows = {pk: rows[pk] for pk in active}
        html = {}
        # Only these are read whole, with the points of their curves.
        for run in owned.filter(pk__in=news | active if False in positions else news).listed():
            run.place = runs[run.pk].place if run.pk in runs else None
            html[run.pk] = render_to_string("training/runs/_run_row.html", {"run": run})
        return {
            has_come: ("".join(html[pk] for pk in html if pk in news or not has_come), True)
            for has_come in positions
        }
