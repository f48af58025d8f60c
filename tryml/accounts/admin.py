from typing import Any

from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import BooleanRadioFilter
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from tryml.accounts.models import User
from tryml.web.admin import BriefDeletion, TimeFilter

# TryML uses no groups, and users manage their e-mail addresses themselves.
admin.site.unregister([Group, EmailAddress])


@admin.register(User)
class UserAdmin(BriefDeletion, DjangoUserAdmin, ModelAdmin):  # type: ignore[misc, type-arg]
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("name", "email", "is_guest", "is_staff", "run_count", "date_joined", "last_login")
    list_filter = (
        ("is_guest", BooleanRadioFilter),
        ("is_staff", BooleanRadioFilter),
        ("is_active", BooleanRadioFilter),
        ("date_joined", TimeFilter),
    )
    list_filter_submit = True
    list_per_page = 50
    search_fields = ("username", "email")
    ordering = ("-date_joined",)
    readonly_fields = ("is_guest", "run_count", "date_joined", "last_login")
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "email", "password")}),
        ("Rights", {"fields": ("is_active", "is_staff", "is_superuser")}),
        ("Use", {"fields": ("is_guest", "run_count", "date_joined", "last_login")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        runs = Count("experiments__runs", distinct=True)
        queryset: QuerySet[User] = super().get_queryset(request).annotate(run_count=runs)
        return queryset

    @admin.display(description="user", ordering="username")
    def name(self, user: User) -> str:
        return f"{user} {user.pk}" if user.is_guest else str(user)

    @admin.display(description="runs", ordering="run_count")
    def run_count(self, user: Any) -> int:
        count: int = user.run_count
        return count
