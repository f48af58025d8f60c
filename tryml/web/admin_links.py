"""Links from one page of the admin to another."""

from django.db.models import Model
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

NOTHING = SafeString("–")


def to(row: Model | None) -> SafeString:
    """Link to a row's page; a dash for None. A guest's text has the id too: all guests share a name."""
    if row is None:
        return NOTHING
    text = f"{row} {row.pk}" if getattr(row, "is_guest", False) else str(row)
    url = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    return format_html('<a href="{}">{}</a>', url, text)


def to_run(run: int | None) -> SafeString:
    """Link to the page of the run with this id, which may be deleted by now; a dash for None."""
    if run is None:
        return NOTHING
    return format_html('<a href="{}">{}</a>', reverse("admin:training_run_change", args=[run]), run)
