from collections.abc import Collection
from datetime import UTC, datetime, time
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import ShowFacets
from django.contrib.auth import get_user_model
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.dateparse import parse_date, parse_time
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import DropdownFilter, RangeDateTimeFilter, TextFilter
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from tryml.monitoring import links
from tryml.monitoring.models import Entry, Event, Level, LogRecord

# Longer numbers are no ids.
DIGITS_OF_AN_ID = 18
COLOURS = {"info": "info", "warning": "warning", "error": "danger", "critical": "danger"}


def is_id(text: str) -> bool:
    return text.isdecimal() and text.isascii() and len(text) <= DIGITS_OF_AN_ID


class LevelFilter(DropdownFilter):  # type: ignore[misc]
    title = "level, at least"
    parameter_name = "level"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[int, str]]:
        return [(level.value, level.label) for level in Level]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        level = self.value() or ""
        return queryset.filter(level__gte=int(level)) if level in {str(each) for each in Level} else queryset


class UserFilter(TextFilter):  # type: ignore[misc]
    title = "user: id, name or e-mail"
    parameter_name = "user"
    # The path from the listed rows to the user.
    lookup = "user"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        text = (self.value() or "").strip()
        if not text:
            return queryset
        if is_id(text):
            return queryset.filter(**{self.lookup: int(text)})
        named = Q(username__icontains=text) | Q(email__icontains=text)
        return queryset.filter(**{f"{self.lookup}__in": get_user_model().objects.filter(named)})


class RunFilter(TextFilter):  # type: ignore[misc]
    title = "run: number"
    parameter_name = "run"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        text = (self.value() or "").strip()
        if not text:
            return queryset
        return queryset.filter(run=int(text)) if is_id(text) else queryset.none()


class TimeFilter(RangeDateTimeFilter):  # type: ignore[misc]
    """From one moment to another, in UTC; a day without a time of day counts as a whole."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if first := self._moment("from", time.min):
            queryset = queryset.filter(**{f"{self.field_path}__gte": first})
        if last := self._moment("to", time.max):
            queryset = queryset.filter(**{f"{self.field_path}__lte": last})
        return queryset

    def _moment(self, end: str, otherwise: time) -> datetime | None:
        day, time_of_day = (
            self.used_parameters.get(f"{self.field_path}_{end}_{part}") or "" for part in (0, 1)
        )
        try:
            parsed = parse_date(day)
            return datetime.combine(parsed, parse_time(time_of_day) or otherwise, UTC) if parsed else None
        except ValueError:
            return None


class BriefDeletion:
    """Asks before deleting without listing every row that goes along, of which there may be thousands."""

    def get_deleted_objects(
        self, objs: Collection[Model], request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        named = [f"{row}, with all that belongs to it" for row in objs]
        return named, {str(self.opts.verbose_name_plural): len(named)}, set(), []  # type: ignore[attr-defined]


class LookOnlyAdmin(ModelAdmin):  # type: ignore[misc]
    """Rows that the application writes and nobody else."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class EntryAdmin(LookOnlyAdmin):
    """Newest first, and never counted: there may be millions."""

    paginator = InfinitePaginator
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    list_per_page = 50
    list_select_related = ("user",)
    list_filter = (LevelFilter, ("time", TimeFilter), UserFilter, RunFilter)
    list_filter_submit = True
    list_fullwidth = True
    sortable_by = ()

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @admin.display(description="time", ordering="-time")
    def when(self, entry: Entry) -> str:
        return f"{entry.time:%Y-%m-%d %H:%M:%S}.{entry.time.microsecond // 1000:03}"

    @display(description="level", label=COLOURS)  # type: ignore[untyped-decorator]
    def how_bad(self, entry: Entry) -> str:
        return entry.get_level_display()

    @admin.display(description="user")
    def who(self, entry: Entry) -> SafeString:
        return links.to(entry.user)

    @admin.display(description="run")
    def which_run(self, entry: Entry) -> SafeString:
        return links.to_run(entry.run)

    @admin.display(description="message")
    def start(self, entry: Entry) -> str:
        return entry.message if len(entry.message) <= 160 else f"{entry.message[:160]}…"


@admin.register(LogRecord)
class LogRecordAdmin(EntryAdmin):
    list_display = ("when", "how_bad", "start", "logger", "role", "who", "which_run")
    list_display_links = ("when", "start")
    search_fields = ("message", "logger", "traceback")
    search_help_text = "Search message, logger and traceback"
    fields = (
        ("when", "how_bad"),
        "message",
        "where",
        ("logger", "role"),
        ("host", "process"),
        ("who", "which_run"),
        ("method", "path", "status"),
    )
    readonly_fields = ("when", "how_bad", "where", "who", "which_run")

    @admin.display(description="traceback")
    def where(self, entry: LogRecord) -> SafeString:
        return format_html("<pre>{}</pre>", entry.traceback) if entry.traceback else links.NOTHING


@admin.register(Event)
class EventAdmin(EntryAdmin):
    list_display = ("when", "how_bad", "kind", "start", "who", "which_run")
    list_display_links = ("when", "start")
    search_fields = ("kind", "message")
    search_help_text = "Search kind and message"
    fields = (("when", "how_bad"), "kind", "message", "data", ("who", "which_run"))
    readonly_fields = ("when", "how_bad", "who", "which_run")
