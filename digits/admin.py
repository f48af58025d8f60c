"""Admin pages for the datasets that users upload."""

from django.contrib import admin
from django.db.models import Sum
from django.db.models.functions import Length
from django.template.defaultfilters import filesizeformat
from django.utils.safestring import SafeString

from digits.models import OwnDataset
from tryml.web import admin_links
from tryml.web.admin import BriefDeletion, LookOnlyAdmin, TimeFilter, UserFilter


class OwnerFilter(UserFilter):
    title = "owner: id, name or e-mail"
    parameter_name = "owner"
    lookup = "owner"


@admin.register(OwnDataset)
class OwnDatasetAdmin(BriefDeletion, LookOnlyAdmin):
    list_display = ("title", "whose", "train_count", "test_count", "created_at")
    list_filter = (OwnerFilter, ("created_at", TimeFilter))
    list_filter_submit = True
    list_select_related = ("owner",)
    list_per_page = 50
    search_fields = ("title", "owner__username", "owner__email")
    fields = (
        "title",
        "whose",
        "created_at",
        "train_count",
        "test_count",
        "classes",
        "notes",
        "fingerprint",
        "stored",
    )
    readonly_fields = ("whose", "stored")

    @admin.display(description="owner", ordering="owner__username")
    def whose(self, dataset: OwnDataset) -> SafeString:
        return admin_links.to(dataset.owner)

    @admin.display(description="stored")
    def stored(self, dataset: OwnDataset) -> str:
        return filesizeformat(dataset.parts.aggregate(size=Sum(Length("data")))["size"] or 0)
