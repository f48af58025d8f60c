from typing import Any

from django.contrib import admin
from django.contrib.admin.options import ShowFacets
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import DropdownFilter, TextFilter
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from tryml.monitoring.models import Entry, Event, Level, LogRecord
from tryml.numbers import whole
from tryml.web import admin_links
from tryml.web.admin import LookOnlyAdmin, TimeFilter, UserFilter

COLOURS = {"info": "info", "warning": "warning", "error": "danger", "critical": "danger"}


class LevelFilter(DropdownFilter):  # type: ignore[misc]
    title = "level, at least"
    parameter_name = "level"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[int, str]]:
        return [(level.value, level.label) for level in Level]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        level = self.value() or ""
        return queryset.filter(level__gte=int(level)) if level in {str(each) for each in Level} else queryset


class RunFilter(TextFilter):  # type: ignore[misc]
    title = "run: number"
    parameter_name = "run"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        text = (self.value() or "").strip()
        if not text:
            return queryset
        number = whole(text)
        return queryset.none() if number is None else queryset.filter(run=number)


class EntryAdmin(LookOnlyAdmin):
    """Lists rows newest first and never counts them: there may be millions."""

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
        return admin_links.to(entry.user)

    @admin.display(description="run")
    def which_run(self, entry: Entry) -> SafeString:
        return admin_links.to_run(entry.run)

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
        return format_html("<pre>{}</pre>", entry.traceback) if entry.traceback else admin_links.NOTHING


@admin.register(Event)
class EventAdmin(EntryAdmin):
    list_display = ("when", "how_bad", "kind", "start", "who", "which_run")
    list_display_links = ("when", "start")
    search_fields = ("kind", "message")
    search_help_text = "Search kind and message"
    fields = (("when", "how_bad"), "kind", "message", "data", ("who", "which_run"))
    readonly_fields = ("when", "how_bad", "who", "which_run")
