"""Filters and base classes for the admin pages of all applications."""

from collections.abc import Collection
from datetime import UTC, datetime, time
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.dateparse import parse_date, parse_time
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import RangeDateTimeFilter, TextFilter

from tryml.numbers import whole


class UserFilter(TextFilter):  # type: ignore[misc]
    title = "user: id, name or e-mail"
    parameter_name = "user"
    # The path from the listed rows to the user.
    lookup = "user"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        text = (self.value() or "").strip()
        if not text:
            return queryset
        if (number := whole(text)) is not None:
            return queryset.filter(**{self.lookup: number})
        named = Q(username__icontains=text) | Q(email__icontains=text)
        return queryset.filter(**{f"{self.lookup}__in": get_user_model().objects.filter(named)})


class TimeFilter(RangeDateTimeFilter):  # type: ignore[misc]
    """Filters from one time to another, in UTC; a date without a time of day means the whole day."""

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
    """Asks before deleting without listing the dependent rows: there may be thousands."""

    def get_deleted_objects(
        self, objs: Collection[Model], request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        named = [f"{row}, with all that belongs to it" for row in objs]
        return named, {str(self.opts.verbose_name_plural): len(named)}, set(), []  # type: ignore[attr-defined]


class LookOnlyAdmin(ModelAdmin):  # type: ignore[misc]
    """Shows rows that only the application writes: nobody adds or changes them here."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
