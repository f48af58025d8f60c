"""Admin pages of experiments, runs and networks."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.db.models.functions import Length
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.defaultfilters import filesizeformat
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import slugify
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.decorators import action, display

from digits import datasets
from training.ml.engines import ENGINES
from training.models import Experiment, Network, Run
from training.models.point import curve_points
from training.runs.run_context import confusion
from tryml.durations import duration, share
from tryml.web import admin_links
from tryml.web.admin import BriefDeletion, LookOnlyAdmin, TimeFilter, UserFilter

STATUS_COLOURS = {
    "queued": "info",
    "running": "primary",
    "paused": "warning",
    "finished": "success",
    "failed": "danger",
    "stopped": "warning",
}
LOG_LINES = 200


class OwnerFilter(UserFilter):
    title = "owner: id, name or e-mail"
    parameter_name = "owner"
    lookup = "owner"


class RunOwnerFilter(OwnerFilter):
    lookup = "experiment__owner"


class DatasetFilter(DropdownFilter):  # type: ignore[misc]
    title = "dataset"
    parameter_name = "dataset"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, about.title) for name, about in datasets.CATALOGUE.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Run]) -> QuerySet[Run]:
        return queryset.filter(dataset=self.value()) if self.value() else queryset


class EngineFilter(DropdownFilter):  # type: ignore[misc]
    title = "engine"
    parameter_name = "engine"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in ENGINES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Run]) -> QuerySet[Run]:
        return queryset.filter(engine=self.value()) if self.value() else queryset


@admin.register(Experiment)
class ExperimentAdmin(BriefDeletion, LookOnlyAdmin):
    list_display = ("name", "whose", "run_count", "created_at")
    list_filter = (OwnerFilter, ("created_at", TimeFilter))
    list_filter_submit = True
    list_select_related = ("owner",)
    list_per_page = 50
    search_fields = ("name", "owner__username", "owner__email")
    fields = ("name", "note", "whose", "created_at", "its_runs")
    readonly_fields = ("whose", "its_runs")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Experiment]:
        queryset: QuerySet[Experiment] = super().get_queryset(request)
        return queryset.annotate(run_count=Count("runs"))

    @admin.display(description="owner", ordering="owner__username")
    def whose(self, experiment: Experiment) -> SafeString:
        return admin_links.to(experiment.owner)

    @admin.display(description="runs", ordering="run_count")
    def run_count(self, experiment: Any) -> int:
        count: int = experiment.run_count
        return count

    @admin.display(description="runs")
    def its_runs(self, experiment: Any) -> SafeString:
        url = reverse("admin:training_run_changelist")
        return format_html(
            '<a href="{}?experiment__id__exact={}">{}</a>', url, experiment.pk, experiment.run_count
        )


@admin.register(Run)
class RunAdmin(BriefDeletion, LookOnlyAdmin):
    list_display = (
        "name",
        "state",
        "whose",
        "which_experiment",
        "parameters",
        "best",
        "test",
        "trained",
        "worker",
        "created_at",
    )
    list_filter = (
        ("status", ChoicesDropdownFilter),
        DatasetFilter,
        EngineFilter,
        RunOwnerFilter,
        ("created_at", TimeFilter),
    )
    list_filter_submit = True
    list_fullwidth = True
    list_per_page = 50
    show_full_result_count = False
    view_on_site = False
    search_fields = ("name", "experiment__name", "experiment__owner__username", "worker", "reason")
    fieldsets = (
        (None, {"fields": (("state", "reason"), ("whose", "which_experiment"), "note")}),
        ("Curves", {"fields": ("curves",)}),
        ("Result", {"fields": (("best", "best_epoch"), ("test", "test_loss"), "confusion_matrix")}),
        ("Hyperparameters", {"fields": (("dataset", "engine", "parameters"), "chosen")}),
        (
            "Worker",
            {
                "fields": (
                    ("worker", "device", "attempts", "heartbeat_at"),
                    ("trained", "steps_done"),
                    ("created_at", "queued_at"),
                    ("started_at", "finished_at"),
                )
            },
        ),
        ("Log", {"fields": ("log", "log_records")}),
    )
    readonly_fields = (
        "state",
        "whose",
        "which_experiment",
        "curves",
        "best",
        "test",
        "confusion_matrix",
        "parameters",
        "chosen",
        "trained",
        "steps_done",
        "log",
        "log_records",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Run]:
        queryset: QuerySet[Run] = super().get_queryset(request)
        return queryset.select_related("experiment__owner").defer("confusion", "note", "hyperparameters_json")

    @display(description="status", ordering="status", label=STATUS_COLOURS)  # type: ignore[untyped-decorator]
    def state(self, run: Run) -> str:
        return run.status

    @admin.display(description="owner", ordering="experiment__owner__username")
    def whose(self, run: Run) -> SafeString:
        return admin_links.to(run.experiment.owner)

    @admin.display(description="experiment", ordering="experiment__name")
    def which_experiment(self, run: Run) -> SafeString:
        return admin_links.to(run.experiment)

    @admin.display(description="parameters", ordering="parameter_count")
    def parameters(self, run: Run) -> str:
        return f"{run.parameter_count:,}"

    @admin.display(description="validation", ordering="best_val_accuracy")
    def best(self, run: Run) -> str:
        return share(run.best_val_accuracy)

    @admin.display(description="test", ordering="test_accuracy")
    def test(self, run: Run) -> str:
        return share(run.test_accuracy)

    @admin.display(description="trained", ordering="seconds")
    def trained(self, run: Run) -> str:
        return duration(run.seconds)

    @admin.display(description="steps")
    def steps_done(self, run: Run) -> str:
        return f"{run.step:,} of {run.steps:,}"

    @admin.display(description="")
    def curves(self, run: Run) -> str:
        return render_to_string("admin/training/_curves.html", {"points": curve_points(run)})

    @admin.display(description="")
    def confusion_matrix(self, run: Run) -> str:
        return render_to_string("admin/training/_confusion.html", {"confusion": confusion(run)})

    @admin.display(description="")
    def chosen(self, run: Run) -> str:
        chosen = sorted(run.hyperparameters_json.items())
        return render_to_string("admin/training/_hyperparameters.html", {"hyperparameters": chosen})

    @admin.display(description="")
    def log(self, run: Run) -> str:
        lines = reversed(run.lines.order_by("-pk")[:LOG_LINES])
        return render_to_string("admin/training/_log.html", {"lines": lines})

    @admin.display(description="more")
    def log_records(self, run: Run) -> SafeString:
        url = reverse("admin:monitoring_logrecord_changelist")
        return format_html('<a href="{}?run={}">Log records about this run</a>', url, run.pk)


@admin.register(Network)
class NetworkAdmin(LookOnlyAdmin):
    list_display = ("name", "whose", "which_run", "test", "size", "created_at")
    list_filter = (OwnerFilter, ("created_at", TimeFilter))
    list_filter_submit = True
    list_per_page = 50
    search_fields = ("name", "owner__username", "run__name")
    fields = ("name", "whose", "which_run", "test", "size", "created_at")
    readonly_fields = ("whose", "which_run", "test", "size")
    actions_detail = ("download",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Network]:
        queryset: QuerySet[Network] = super().get_queryset(request)
        heavy = ("data", "run__confusion", "run__note", "run__hyperparameters_json")
        return queryset.select_related("owner", "run").defer(*heavy).annotate(bytes=Length("data"))

    @admin.display(description="owner", ordering="owner__username")
    def whose(self, network: Network) -> SafeString:
        return admin_links.to(network.owner)

    @admin.display(description="run")
    def which_run(self, network: Network) -> SafeString:
        return admin_links.to(network.run)

    @admin.display(description="test accuracy", ordering="test_accuracy")
    def test(self, network: Network) -> str:
        return share(network.test_accuracy)

    @admin.display(description="size", ordering="bytes")
    def size(self, network: Any) -> str:
        return filesizeformat(network.bytes)

    @action(description="Download", url_path="download", permissions=["view"])  # type: ignore[untyped-decorator]
    def download(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The network as a safetensors file, as stored. Raises Http404."""
        network = get_object_or_404(Network, pk=object_id)
        name = f"{slugify(network.name) or 'network'}-{network.pk}.safetensors"
        return HttpResponse(
            bytes(network.data),
            content_type="application/octet-stream",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )
